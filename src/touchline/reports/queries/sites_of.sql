-- reads: sites
-- grain: one site
-- The sites of an organization.
select site_id
from sites
where organization_id = $organization_id
order by site_id
