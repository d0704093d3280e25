-- reads: health_volumes
-- grain: one organization
-- The newest day of which anything is known.
select max(period) as newest
from health_volumes
where organization_id = $organization_id
