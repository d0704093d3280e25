-- writes: weights
-- reads: paths
-- grain: one eligible touch of one conversion under one model
-- place: 1
-- says: All credit goes to the first touch.
-- source: common practice
-- since: 0.1
select
  organization_id, person_id, conversion_id, touchpoint_id, 'FIRST_TOUCH' as model, position, touchpoint_count, channel,
  case when position = 1 then 1 else 0 end as weight, 1 as weight_until, 1 as weight_total
from paths
where is_eligible
