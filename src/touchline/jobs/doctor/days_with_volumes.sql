-- reads: health_volumes
-- grain: one day of one site
-- The days on which a site had visits or conversions.
select distinct site_id, period
from health_volumes
where organization_id = $organization_id
order by site_id, period
