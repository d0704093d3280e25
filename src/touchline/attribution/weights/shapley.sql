-- writes: weights
-- reads: paths
-- grain: one eligible touch of one conversion under one model
-- place: 24
-- says: Each channel of the path gets the same credit, and its touches share that evenly.
-- source: Zhao, Mahboobi and Bagheri (2018), the Shapley value over sets of channels
-- since: 0.2
-- offered: on request
with counted as (
  select
    organization_id, person_id, conversion_id, touchpoint_id, position, touchpoint_count, channel,
    cast(floor(
      cast(1099511627776 as double) / nullif(count(*) over (partition by conversion_id, channel), 0)
    ) as bigint) as weight
  from paths
  where is_eligible
)
select
  organization_id, person_id, conversion_id, touchpoint_id, 'SHAPLEY' as model, position, touchpoint_count, channel,
  weight,
  cast(sum(weight) over (
    partition by conversion_id order by position rows between unbounded preceding and current row
  ) as bigint) as weight_until,
  cast(sum(weight) over (partition by conversion_id) as bigint) as weight_total
from counted
