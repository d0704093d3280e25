-- reads: conversions, paths, touchpoints, evidence_channels, organizations
-- grain: one pair of states that follow one another
-- How often a touch of one channel came after another, and after those before, on paths to a counted conversion of the
-- window and on paths to none.
with converting as (
  select
    c.conversion_id as path_id, p.position as position, p.channel as channel, '(conversion)' as outcome
  from conversions as c
  join paths as p on p.conversion_id = c.conversion_id
  where c.organization_id = $organization_id and c.is_counted and p.is_eligible
    and c.conversion_date >= $window_start and c.conversion_date <= $window_end
),
converted as (
  select distinct person_id
  from conversions
  where organization_id = $organization_id and is_counted
    and conversion_date >= $window_start and conversion_date <= $window_end
),
seen as (
  select
    t.person_id as person_id,
    t.touchpoint_id as touchpoint_id,
    t.occurred_at as occurred_at,
    t.counted_at as counted_at,
    e.channel as channel,
    case when e.channel = 'Direct' and o.direct = 'unless_only' then 0 else 1 end as is_preferred
  from touchpoints as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
  join organizations as o on o.organization_id = t.organization_id
  left join converted as c on c.person_id = t.person_id
  where t.organization_id = $organization_id and c.person_id is null
    and t.touch_date >= $window_start and t.touch_date <= $window_end
),
preferred as (
  select
    s.person_id as person_id,
    max(s.is_preferred) as has_preferred,
    case when count(*) > max(o.crowded_touches) then max(o.crowded_touches_per_path) else max(o.touches_per_path) end
      as path_limit
  from seen as s
  cross join organizations as o
  where o.organization_id = $organization_id
  group by s.person_id
),
eligible as (
  select
    s.person_id as person_id,
    s.channel as channel,
    p.path_limit as path_limit,
    row_number() over (partition by s.person_id order by s.counted_at, s.occurred_at, s.touchpoint_id) as place,
    count(*) over (partition by s.person_id) as eligible_count
  from seen as s
  join preferred as p on p.person_id = s.person_id
  where s.is_preferred = p.has_preferred
),
leading_nowhere as (
  select
    person_id as path_id,
    case when place > 1 and eligible_count > path_limit then place - eligible_count + path_limit else place end
      as position,
    channel,
    '(null)' as outcome
  from eligible
  where place = 1 or place > eligible_count - path_limit + 1
),
steps as (
  select * from converting union all select * from leading_nowhere
),
followed as (
  select
    position, channel, outcome,
    coalesce(lag(channel, 1) over (partition by outcome, path_id order by position), '') as second_newest,
    coalesce(lag(channel, 2) over (partition by outcome, path_id order by position), '') as third_newest,
    coalesce(lag(channel, 3) over (partition by outcome, path_id order by position), '') as fourth_newest,
    coalesce(lag(channel, 1) over (partition by outcome, path_id order by position desc), '') as next_channel
  from steps
),
moves as (
  select
    '' as fourth_channel, '' as third_channel, '' as second_channel, '(start)' as from_state, channel as to_state
  from steps
  where position = 1
  union all
  select
    case when $order >= 4 then fourth_newest else '' end as fourth_channel,
    case when $order >= 3 then third_newest else '' end as third_channel,
    case when $order >= 2 then second_newest else '' end as second_channel,
    channel as from_state,
    case when next_channel = '' then outcome else next_channel end as to_state
  from followed
)
select fourth_channel, third_channel, second_channel, from_state, to_state, count(*) as transitions
from moves
group by fourth_channel, third_channel, second_channel, from_state, to_state
order by fourth_channel, third_channel, second_channel, from_state, to_state
