-- writes: paths
-- reads: conversions, touchpoints, crowded_persons, evidence_channels, organizations
-- grain: one kept touch in the lookback of one counted conversion
-- Of the eligible touches, and of the others, a path keeps the first and the nearest; Direct is eligible where there is nothing else (a setting).
with counted as (
  select
    c.organization_id as organization_id,
    c.person_id as person_id,
    c.conversion_id as conversion_id,
    c.occurred_at as occurred_at,
    micros(c.occurred_at) as until_micros,
    micros(c.occurred_at) - o.lookback_days * 86400000000 as since_micros
  from conversions as c
  join organizations as o on o.organization_id = c.organization_id
  where c.is_counted
),
converted as (
  select distinct organization_id, person_id
  from counted
),
persons as (
  select
    p.person_id as person_id,
    o.direct as direct,
    case when c.person_id is null then o.touches_per_path else o.crowded_touches_per_path end as path_limit
  from converted as p
  join organizations as o on o.organization_id = p.organization_id
  left join crowded_persons as c on c.person_id = p.person_id
),
seen as (
  select
    t.person_id as person_id,
    t.touchpoint_id as touchpoint_id,
    t.occurred_at as occurred_at,
    t.counted_at as counted_at,
    e.channel as channel,
    case when e.channel = 'Direct' and p.direct = 'unless_only' then 0 else 1 end as is_preferred,
    p.path_limit as path_limit
  from persons as p
  join touchpoints as t on t.person_id = p.person_id
  join evidence_channels as e on e.evidence_id = t.evidence_id
),
ranked as (
  select
    *,
    row_number() over (partition by person_id, is_preferred order by counted_at, occurred_at, touchpoint_id) as place
  from seen
),
bucketed as (
  select
    r.person_id || ' ' || cast(r.is_preferred as varchar) || ' ' || cast(r.place // nullif(r.path_limit, 0) as varchar)
      as bucket,
    r.place as place,
    r.touchpoint_id as touchpoint_id,
    r.occurred_at as occurred_at,
    r.counted_at as counted_at,
    r.channel as channel
  from ranked as r
),
moments as (
  select person_id, conversion_id, until_micros as at_micros, 2 as turn, 0 as preferred, 0 as others
  from counted
  union all
  select person_id, conversion_id, since_micros as at_micros, 0 as turn, 0 as preferred, 0 as others
  from counted
  union all
  select
    person_id, null as conversion_id, micros(counted_at) as at_micros, 1 as turn, is_preferred as preferred,
    1 - is_preferred as others
  from seen
),
running as (
  select
    conversion_id, turn,
    sum(preferred) over (
      partition by person_id order by at_micros, turn rows between unbounded preceding and current row
    ) as preferred,
    sum(others) over (
      partition by person_id order by at_micros, turn rows between unbounded preceding and current row
    ) as others
  from moments
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
sides as (
  select conversion_id, 1 as is_preferred, 1 as is_eligible, preferred_before + 1 as first_place,
    preferred_until as last_place, preferred_until - preferred_before as eligible_count,
    others_until - others_before as idle_count
  from windows
  where preferred_until > preferred_before
  union all
  select conversion_id, 0 as is_preferred, case when preferred_until > preferred_before then 0 else 1 end as is_eligible,
    others_before + 1 as first_place, others_until as last_place,
    case when preferred_until > preferred_before then preferred_until - preferred_before
      else others_until - others_before end as eligible_count,
    case when preferred_until > preferred_before then others_until - others_before else 0 end as idle_count
  from windows
  where others_until > others_before
),
spans as (
  select
    c.organization_id as organization_id,
    c.person_id as person_id,
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
  join persons as p on p.person_id = c.person_id
),
pieces as (
  select *, last_place // nullif(path_limit, 0) as bucket_number, near_place as low_place, last_place as high_place
  from spans
  union all
  select *, near_place // nullif(path_limit, 0) as bucket_number, near_place as low_place, last_place as high_place
  from spans
  where near_place // nullif(path_limit, 0) < last_place // nullif(path_limit, 0)
  union all
  select *, first_place // nullif(path_limit, 0) as bucket_number, first_place as low_place, first_place as high_place
  from spans
  where first_place < near_place
),
sought as (
  select *, person_id || ' ' || cast(is_preferred as varchar) || ' ' || cast(bucket_number as varchar) as bucket
  from pieces
),
kept as (
  select
    p.organization_id as organization_id,
    p.person_id as person_id,
    p.conversion_id as conversion_id,
    b.touchpoint_id as touchpoint_id,
    b.channel as channel,
    b.occurred_at as occurred_at,
    b.counted_at as counted_at,
    micros_between(p.converted_at, b.counted_at) as age_micros,
    p.is_eligible as is_eligible,
    case when p.eligible_count < p.path_limit then p.eligible_count else p.path_limit end as touchpoint_count,
    p.eligible_count as eligible_count,
    p.idle_count as idle_count
  from sought as p
  join bucketed as b on b.bucket = p.bucket
  where b.place >= p.low_place and b.place <= p.high_place
),
placed as (
  select
    *,
    sum(is_eligible) over (
      partition by conversion_id order by counted_at, occurred_at, touchpoint_id rows between unbounded preceding and current row
    ) as position
  from kept
)
select
  organization_id, person_id, conversion_id, touchpoint_id, channel, occurred_at, age_micros,
  is_eligible = 1 as is_eligible,
  cast(case when is_eligible = 1 then position else 0 end as bigint) as position,
  cast(touchpoint_count as bigint) as touchpoint_count,
  cast(eligible_count as bigint) as eligible_count,
  cast(idle_count as bigint) as idle_count
from placed
