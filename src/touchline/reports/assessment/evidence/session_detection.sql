-- reads: session_events
-- grain: one event
-- says: Events that began a session, with the reason.
select count(*) as found
from session_events
where organization_id = $organization_id and started_because is not null
