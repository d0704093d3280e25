-- writes: scope_persons_added
-- reads: scope_persons, made_identities
-- grain: one person
-- Persons whom only their orders brought into the scope: the identifiers of all others were just solved.
select person_id from scope_persons
except
select person_id from made_identities
