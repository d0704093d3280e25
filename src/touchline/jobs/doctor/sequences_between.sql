-- reads: tracking_events
-- grain: one event
-- The numbers of an organization's events, from one number to another.
select sequence
from tracking_events
where organization_id = $organization_id and sequence >= $first and sequence <= $last
