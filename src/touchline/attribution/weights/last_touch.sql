-- writes: weights
-- reads: paths
-- grain: one eligible touch of one conversion under one model
-- place: 2
-- says: All credit goes to the last touch before the conversion.
-- source: common practice
-- since: 0.1
select
  organization_id, person_id, conversion_id, touchpoint_id, 'LAST_TOUCH' as model, position, touchpoint_count, channel,
  case when position = touchpoint_count then 1 else 0 end as weight,
  case when position = touchpoint_count then 1 else 0 end as weight_until,
  1 as weight_total
from paths
where is_eligible
