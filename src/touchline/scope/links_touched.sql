-- writes: scope_touched_links
-- reads: scope_touched
-- grain: one touched identifier
-- The touched identifiers, named as the second side of a pair.
select organization_id, identifier as linked_identifier
from scope_touched
