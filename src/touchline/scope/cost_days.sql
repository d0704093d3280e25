-- writes: scope_cost_days
-- reads: changed_costs
-- grain: one day of one account of one source
-- The days that a new load of costs covers.
select distinct organization_id, source, platform, account_id, cost_date
from changed_costs
