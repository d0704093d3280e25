-- reads: identity_edges
-- grain: one link between two ids
-- says: Links that make two ids one person's.
select count(*) as found
from identity_edges
where organization_id = $organization_id and not is_refused
