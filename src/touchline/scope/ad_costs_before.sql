-- writes: ad_costs_before
-- reads: sought_costs
-- grain: one ad of one account on one day of the scope
-- What stood of the days that a new load of costs covers.
select distinct organization_id, source, platform, account_id, cost_date, campaign_id, adset_id, ad_id
from sought_costs
