-- writes: scope_crossed_links
-- reads: scope_crossed
-- grain: one identifier that crossed a limit
-- The identifiers that crossed a limit, named as the second side of a pair.
select organization_id, identifier as linked_identifier
from scope_crossed
