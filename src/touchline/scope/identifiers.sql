-- writes: scope_identifiers
-- reads: identities, scope_touched, scope_persons_before
-- grain: one identifier
-- The touched identifiers and all others of the persons that held one: edges never leave this set.
select organization_id, identifier from scope_touched
union
select i.organization_id as organization_id, i.identifier as identifier
from identities as i
join scope_persons_before as p on p.person_id = i.person_id
