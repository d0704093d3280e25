-- writes: scope_identifiers_added
-- reads: identities_of_persons, scope_identifiers
-- grain: one identifier
-- Identifiers of persons whom only their orders brought into the scope.
select organization_id, identifier from identities_of_persons
except
select organization_id, identifier from scope_identifiers
