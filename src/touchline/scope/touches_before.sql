-- writes: scope_touches_before
-- reads: touchpoints_before
-- grain: one evidence and user agent of a touch
-- What the persons of the scope showed until now.
select distinct evidence_id, user_agent
from touchpoints_before
