-- writes: scope_crossed_links
-- reads: scope_crossed
-- grain: one identifier that crossed a limit
-- Those that crossed a limit, as the second of a pair.
select organization_id, identifier as linked_identifier
from scope_crossed
