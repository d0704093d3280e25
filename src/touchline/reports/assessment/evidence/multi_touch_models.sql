-- reads: attribution_links
-- grain: one link
-- says: Links under models that share credit among touches.
select count(*) as found
from attribution_links
where organization_id = $organization_id and model <> 'FIRST_TOUCH' and model <> 'LAST_TOUCH'
