-- reads: sites
-- grain: one site
-- The sites of an organization, with what people call them and the time zone of their days.
select site_id, name, domain, time_zone
from sites
where organization_id = $organization_id
order by site_id
