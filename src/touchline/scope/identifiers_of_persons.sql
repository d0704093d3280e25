-- writes: scope_identifiers
-- reads: identities, scope_persons
-- grain: one identifier
-- Every identifier of the persons of the scope.
select i.organization_id as organization_id, i.identifier as identifier
from identities as i
join scope_persons as p on p.person_id = i.person_id
