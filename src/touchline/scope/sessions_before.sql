-- writes: sessions_before
-- reads: sought_sessions
-- grain: one session of a person of the scope
-- The columns of the existing sessions that later steps read; wide columns are expensive to read.
select organization_id, site_id, person_id, session_id, identifier, started_date, event_count
from sought_sessions
