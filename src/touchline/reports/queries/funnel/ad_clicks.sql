-- reads: ad_costs
-- grain: one site, goal and day
-- place: 1
-- says: Clicks that ad platforms report
-- needs: costs
-- owner: ad platform
-- since: 0.2
select '' as site_id, '' as goal, cost_date as period, total(clicks) as reached
from ad_costs
where organization_id = $organization_id and cost_date >= $start and cost_date <= $end
group by cost_date
order by cost_date
