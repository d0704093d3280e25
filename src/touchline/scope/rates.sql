-- writes: scope_rates
-- reads: changed_rates
-- grain: one currency of one organization on one day
-- The days whose rate to the organization's currency changed.
select distinct organization_id, currency as native_currency, rate_date as conversion_date
from changed_rates
