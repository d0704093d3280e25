-- writes: events_of_identifiers
-- reads: sought_events
-- grain: one event
-- Events of the identifiers; the statements of a run read these instead of all events.
select *
from sought_events
