-- reads: daily_rollups
-- grain: everything
-- On how many days there is something, and on how many there are costs and conversions.
with days as (
  select
    rollup_date,
    max(case when spend_micros <> 0 then 1 else 0 end) as has_costs,
    max(case when credit <> 0 then 1 else 0 end) as has_credit
  from daily_rollups
  where organization_id = $organization_id and basis = 'CONVERSION' and grain = 'ORGANIZATION'
  group by rollup_date
)
select
  count(*) as days,
  cast(coalesce(sum(has_costs), 0) as bigint) as cost_days,
  cast(coalesce(sum(has_credit), 0) as bigint) as credit_days,
  cast(coalesce(sum(has_costs * has_credit), 0) as bigint) as shared_days
from days
