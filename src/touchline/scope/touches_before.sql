-- writes: scope_touches_before
-- reads: touchpoints_before
-- grain: one evidence and user agent of a touch
-- The evidence and user agents of the scope's touches before this run.
select distinct evidence_id, user_agent
from touchpoints_before
