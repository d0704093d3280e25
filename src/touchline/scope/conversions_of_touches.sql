-- writes: scope_conversions
-- reads: changed_touchpoints, made_touchpoints, touchpoints_before, made_conversions, organizations
-- grain: one conversion
-- Conversions of crowded persons whose lookback overlaps the span of the person's changed touches.
with touched as (
  select t.person_id as person_id, t.counted_at as counted_at
  from made_touchpoints as t
  join changed_touchpoints as c on c.person_id = t.person_id and c.touchpoint_id = t.touchpoint_id
  union all
  select t.person_id as person_id, t.counted_at as counted_at
  from touchpoints_before as t
  join changed_touchpoints as c on c.person_id = t.person_id and c.touchpoint_id = t.touchpoint_id
),
spans as (
  select person_id, min(counted_at) as first_at, max(micros(counted_at)) as last_micros
  from touched
  group by person_id
)
select c.conversion_id as conversion_id
from made_conversions as c
join spans as s on s.person_id = c.person_id
join organizations as o on o.organization_id = c.organization_id
where c.occurred_at >= s.first_at and micros(c.occurred_at) - o.lookback_days * 86400000000 <= s.last_micros
