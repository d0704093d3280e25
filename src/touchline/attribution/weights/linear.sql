-- writes: weights
-- reads: paths
-- grain: one eligible touch of one conversion under one model
-- place: 3
-- says: Every touch gets the same credit.
-- source: common practice
-- since: 0.1
select
  organization_id, person_id, conversion_id, touchpoint_id, 'LINEAR' as model, position, touchpoint_count, channel,
  1 as weight, position as weight_until, touchpoint_count as weight_total
from paths
where is_eligible
