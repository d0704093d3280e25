-- writes: scope_identifiers_added
-- reads: identities_of_persons, scope_identifiers
-- grain: one identifier
-- The identifiers of those whose orders alone brought them into the scope.
select organization_id, identifier from identities_of_persons
except
select organization_id, identifier from scope_identifiers
