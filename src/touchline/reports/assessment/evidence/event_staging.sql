-- reads: tracking_events
-- grain: one event
-- says: Events, each with its id, time and type.
select count(*) as found
from tracking_events
where organization_id = $organization_id
