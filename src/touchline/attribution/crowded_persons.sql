-- writes: crowded_persons
-- reads: touchpoints, conversions, organizations
-- grain: one person with more touches or counted conversions than one customer has
-- A kiosk, a browser for phone orders or a script; paths of such a person keep fewer touches.
with counted as (
  select organization_id, person_id, 1 as touches, 0 as conversions
  from touchpoints
  union all
  select organization_id, person_id, 0 as touches, 1 as conversions
  from conversions
  where is_counted
),
persons as (
  select
    organization_id, person_id,
    cast(sum(touches) as bigint) as touch_count,
    cast(sum(conversions) as bigint) as conversion_count
  from counted
  group by organization_id, person_id
)
select
  p.organization_id as organization_id, p.person_id as person_id, p.touch_count as touch_count,
  p.conversion_count as conversion_count
from persons as p
join organizations as o on o.organization_id = p.organization_id
where p.touch_count > o.crowded_touches or p.conversion_count > o.crowded_conversions
