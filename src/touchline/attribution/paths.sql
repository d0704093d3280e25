-- writes: paths
-- reads: conversions, touchpoints, crowded_persons, evidence_channels, organizations, account_touches, conversion_accounts
-- grain: one kept touch in the lookback of one counted conversion
-- Of the eligible touches, and of the others, a path keeps the first and the nearest; Direct is eligible where there is nothing else (a setting).
-- Claimed touches are left out where the organization says so.
-- The touches are those of the owner: the person, or where the goal says so the members of the account; what they did for another account is not.
with counted as (
  select
    c.organization_id as organization_id,
    c.person_id as person_id,
    c.conversion_id as conversion_id,
    c.occurred_at as occurred_at,
    micros(c.occurred_at) as until_micros,
    micros(c.occurred_at) - o.lookback_days * 86400000000 as since_micros,
    case when c.path_owner = 'account' then a.account_id end as account_id,
    case when c.path_owner = 'account' and a.account_id is not null then c.organization_id || '/' || a.account_id
      else cast(c.person_id as varchar) end as owner_id
  from conversions as c
  join organizations as o on o.organization_id = c.organization_id
  left join conversion_accounts as a on a.conversion_id = c.conversion_id
  where c.is_counted
),
converted as (
  select distinct organization_id, person_id, owner_id
  from counted
  where account_id is null
),
persons as (
  select
    p.person_id as person_id,
    p.owner_id as owner_id,
    o.direct as direct,
    o.claimed_touches as claimed_touches,
    case when c.person_id is null then o.touches_per_path else o.crowded_touches_per_path end as path_limit
  from converted as p
  join organizations as o on o.organization_id = p.organization_id
  left join crowded_persons as c on c.person_id = p.person_id
),
accounts as (
  select organization_id, account_id, owner_id, count(*) as conversion_count
  from counted
  where account_id is not null
  group by organization_id, account_id, owner_id
),
working as (
  select
    a.organization_id as organization_id,
    a.owner_id as owner_id,
    a.conversion_count as conversion_count,
    t.touchpoint_id as touchpoint_id,
    t.occurred_at as occurred_at,
    t.counted_at as counted_at,
    t.evidence_id as evidence_id,
    count(*) over (partition by a.owner_id) as touch_count
  from accounts as a
  join account_touches as t on t.organization_id = a.organization_id and t.account_id = a.account_id
),
bounded_accounts as (
  select
    w.owner_id as owner_id,
    case when max(w.touch_count) > max(o.crowded_touches) or max(w.conversion_count) > max(o.crowded_conversions)
      then max(o.crowded_touches_per_path) else max(o.touches_per_path) end as path_limit
  from working as w
  join organizations as o on o.organization_id = w.organization_id
  group by w.owner_id
),
owners as (
  select owner_id, path_limit from persons
  union all
  select owner_id, path_limit from bounded_accounts
),
seen as (
  select
    p.owner_id as owner_id,
    t.touchpoint_id as touchpoint_id,
    t.occurred_at as occurred_at,
    t.counted_at as counted_at,
    e.channel as channel,
    case when e.channel = 'Direct' and p.direct = 'unless_only' then 0 else 1 end as is_preferred,
    p.path_limit as path_limit
  from persons as p
  join touchpoints as t on t.person_id = p.person_id
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where p.claimed_touches = 'count' or not t.is_claimed
  union all
  select
    w.owner_id as owner_id,
    w.touchpoint_id as touchpoint_id,
    w.occurred_at as occurred_at,
    w.counted_at as counted_at,
    e.channel as channel,
    case when e.channel = 'Direct' and o.direct = 'unless_only' then 0 else 1 end as is_preferred,
    b.path_limit as path_limit
  from working as w
  join bounded_accounts as b on b.owner_id = w.owner_id
  join organizations as o on o.organization_id = w.organization_id
  join evidence_channels as e on e.evidence_id = w.evidence_id
),
turns as (
  select 0 as turn
  union all
  select 2 as turn
),
moments as (
  select
    c.owner_id as owner_id,
    c.conversion_id as conversion_id,
    case when u.turn = 0 then c.since_micros else c.until_micros end as at_micros,
    u.turn as turn,
    null as occurred_at, null as touchpoint_id, null as counted_at, null as channel, 0 as path_limit,
    0 as is_preferred,
    0 as is_other
  from counted as c
  cross join turns as u
  union all
  select
    owner_id, null as conversion_id, micros(counted_at) as at_micros, 1 as turn,
    occurred_at, touchpoint_id, counted_at, channel, path_limit, is_preferred, 1 - is_preferred as is_other
  from seen
),
running as (
  select
    *,
    sum(is_preferred) over (
      partition by owner_id order by at_micros, turn, occurred_at, touchpoint_id
      rows between unbounded preceding and current row
    ) as preferred,
    sum(is_other) over (
      partition by owner_id order by at_micros, turn, occurred_at, touchpoint_id
      rows between unbounded preceding and current row
    ) as others
  from moments
),
bucketed as (
  select
    r.owner_id || ' ' || cast(r.is_preferred as varchar) || ' '
      || cast(case when r.is_preferred = 1 then r.preferred else r.others end // nullif(r.path_limit, 0) as varchar)
      as bucket,
    case when r.is_preferred = 1 then r.preferred else r.others end as place,
    r.touchpoint_id as touchpoint_id,
    r.occurred_at as occurred_at,
    r.counted_at as counted_at,
    r.channel as channel
  from running as r
  where r.turn = 1
),
windows as (
  select
    conversion_id,
    cast(max(case when turn = 0 then preferred else 0 end) as bigint) as preferred_before,
    cast(max(case when turn = 2 then preferred else 0 end) as bigint) as preferred_until,
    cast(max(case when turn = 0 then others else 0 end) as bigint) as others_before,
    cast(max(case when turn = 2 then others else 0 end) as bigint) as others_until
  from running
  where turn <> 1
  group by conversion_id
),
choices as (
  select 0 as is_preferred
  union all
  select 1 as is_preferred
),
sides as (
  select
    w.conversion_id as conversion_id,
    k.is_preferred as is_preferred,
    case when k.is_preferred = 1 or w.preferred_until = w.preferred_before then 1 else 0 end as is_eligible,
    case when k.is_preferred = 1 then w.preferred_before else w.others_before end + 1 as first_place,
    case when k.is_preferred = 1 then w.preferred_until else w.others_until end as last_place,
    case when w.preferred_until > w.preferred_before then w.preferred_until - w.preferred_before
      else w.others_until - w.others_before end as eligible_count,
    case when w.preferred_until > w.preferred_before then w.others_until - w.others_before else 0 end as idle_count
  from windows as w
  cross join choices as k
  where (k.is_preferred = 1 and w.preferred_until > w.preferred_before)
    or (k.is_preferred = 0 and w.others_until > w.others_before)
),
spans as (
  select
    c.organization_id as organization_id,
    c.person_id as person_id,
    c.account_id as account_id,
    c.owner_id as owner_id,
    c.conversion_id as conversion_id,
    c.occurred_at as converted_at,
    s.is_preferred as is_preferred,
    s.is_eligible as is_eligible,
    s.eligible_count as eligible_count,
    s.idle_count as idle_count,
    p.path_limit as path_limit,
    s.first_place as first_place,
    s.last_place as last_place,
    case when s.last_place - s.first_place < p.path_limit then s.first_place else s.last_place - p.path_limit + 2 end
      as near_place
  from sides as s
  join counted as c on c.conversion_id = s.conversion_id
  join owners as p on p.owner_id = c.owner_id
),
ends as (
  select 0 as which
  union all
  select 1 as which
  union all
  select 2 as which
),
pieces as (
  select
    s.organization_id as organization_id,
    s.person_id as person_id,
    s.account_id as account_id,
    s.owner_id as owner_id,
    s.conversion_id as conversion_id,
    s.converted_at as converted_at,
    s.is_preferred as is_preferred,
    s.is_eligible as is_eligible,
    s.eligible_count as eligible_count,
    s.idle_count as idle_count,
    s.path_limit as path_limit,
    s.first_place as first_place,
    s.near_place as near_place,
    case when p.which = 0 then s.last_place when p.which = 1 then s.near_place else s.first_place end
      // nullif(s.path_limit, 0) as bucket_number,
    case when p.which = 2 then s.first_place else s.near_place end as low_place,
    case when p.which = 2 then s.first_place else s.last_place end as high_place
  from spans as s
  cross join ends as p
  where p.which = 0
    or (p.which = 1 and s.near_place // nullif(s.path_limit, 0) < s.last_place // nullif(s.path_limit, 0))
    or (p.which = 2 and s.first_place < s.near_place)
),
sought as (
  select *, owner_id || ' ' || cast(is_preferred as varchar) || ' ' || cast(bucket_number as varchar) as bucket
  from pieces
),
kept as (
  select
    p.organization_id as organization_id,
    p.person_id as person_id,
    p.account_id as account_id,
    p.conversion_id as conversion_id,
    b.touchpoint_id as touchpoint_id,
    b.channel as channel,
    b.occurred_at as occurred_at,
    micros_between(p.converted_at, b.counted_at) as age_micros,
    p.is_eligible as is_eligible,
    case
      when p.is_eligible = 0 then 0
      when b.place = p.first_place then 1
      when p.near_place = p.first_place then b.place - p.first_place + 1
      else b.place - p.near_place + 2
    end as position,
    case when p.eligible_count < p.path_limit then p.eligible_count else p.path_limit end as touchpoint_count,
    p.eligible_count as eligible_count,
    p.idle_count as idle_count
  from sought as p
  join bucketed as b on b.bucket = p.bucket
  where b.place >= p.low_place and b.place <= p.high_place
)
select
  organization_id, person_id, conversion_id, touchpoint_id, channel, occurred_at, age_micros,
  is_eligible = 1 as is_eligible,
  cast(position as bigint) as position,
  cast(touchpoint_count as bigint) as touchpoint_count,
  cast(eligible_count as bigint) as eligible_count,
  cast(idle_count as bigint) as idle_count,
  account_id
from kept
