-- writes: identities_of_scope
-- reads: made_identities, scope_persons
-- grain: one identifier of a person of the scope in one period
-- Of the identifiers whose components were solved in this run, those of persons in the scope.
select organization_id, identifier, person_id, period_number, valid_from, valid_until, first_seen_at, tier
from made_identities
where person_id in (select person_id from scope_persons)
