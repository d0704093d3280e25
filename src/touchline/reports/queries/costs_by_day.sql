-- reads: ad_costs
-- grain: one ad platform and day
-- How many rows of ad costs each day has.
select platform, cost_date as period, count(*) as volume
from ad_costs
where organization_id = $organization_id
group by platform, cost_date
order by platform, cost_date
