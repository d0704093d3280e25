-- reads: touchpoints
-- grain: one touch
-- says: Touches.
select count(*) as found
from touchpoints
where organization_id = $organization_id
