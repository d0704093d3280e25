-- writes: scope_dates
-- reads: scope_cost_days
-- grain: one day of one organization
-- The days whose costs changed.
select distinct organization_id, cost_date as rollup_date
from scope_cost_days
