-- reads: attribution_links
-- grain: one link
-- says: Links under LAST_TOUCH.
select count(*) as found
from attribution_links
where organization_id = $organization_id and model = 'LAST_TOUCH'
