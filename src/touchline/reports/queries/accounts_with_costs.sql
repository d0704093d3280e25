-- reads: ad_costs
-- grain: one advertising account of a platform
-- The first and the last day of which each account's costs are known.
select platform, account_id, min(cost_date) as first_day, max(cost_date) as last_day
from ad_costs
where organization_id = $organization_id
group by platform, account_id
order by platform, account_id
