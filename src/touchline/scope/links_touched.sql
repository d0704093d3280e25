-- writes: scope_touched_links
-- reads: scope_touched
-- grain: one touched identifier
-- The touched identifiers, as the second of a pair.
select organization_id, identifier as linked_identifier
from scope_touched
