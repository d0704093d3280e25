-- reads: health_volumes
-- grain: one volume of one site on one day
-- Every volume from day to day, where there was any.
select site_id, measure, goal, period, volume
from health_volumes
where organization_id = $organization_id and ($site_id = '' or site_id = $site_id)
order by site_id, measure, goal, period
