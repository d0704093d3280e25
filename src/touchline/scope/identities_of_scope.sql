-- writes: identities_of_scope
-- reads: made_identities, scope_persons
-- grain: one identifier of a person of the scope
-- Of the identifiers whose components were solved in this run, those of persons in the scope.
select organization_id, identifier, person_id, first_seen_at
from made_identities
where person_id in (select person_id from scope_persons)
