-- writes: events_of_identifiers
-- reads: sought_events
-- grain: one event
-- The events that were sought; the statements of a run then read these in the place of all.
select *
from sought_events
