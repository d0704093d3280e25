-- writes: weights
-- reads: paths
-- grain: one eligible touch of one conversion under one model
-- place: 5
-- says: The first and the last touch get 40 % each, and those between them share the rest; two touches get a half each.
-- source: common practice
-- since: 0.1
select
  organization_id, person_id, conversion_id, touchpoint_id, 'POSITION_BASED' as model, position, touchpoint_count,
  channel,
  case
    when touchpoint_count <= 2 then 1
    when position = 1 or position = touchpoint_count then 2 * (touchpoint_count - 2)
    else 1
  end as weight,
  case
    when touchpoint_count <= 2 then position
    when position = touchpoint_count then 5 * (touchpoint_count - 2)
    else 2 * (touchpoint_count - 2) + position - 1
  end as weight_until,
  case when touchpoint_count <= 2 then touchpoint_count else 5 * (touchpoint_count - 2) end as weight_total
from paths
where is_eligible
