-- reads: ad_costs
-- grain: one ad platform
-- The last day for which each platform's costs are known.
select platform, max(cost_date) as newest_day
from ad_costs
where organization_id = $organization_id
group by platform
order by platform
