-- writes: scope_periods
-- reads: scope_dates
-- grain: one day of one organization
-- The changed days, in the words of the health measures.
select organization_id, rollup_date as period
from scope_dates
