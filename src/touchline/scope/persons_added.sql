-- writes: scope_persons_added
-- reads: scope_persons, made_identities
-- grain: one person
-- The persons whom their orders alone brought into the scope: all identifiers of the others were just solved.
select person_id from scope_persons
except
select person_id from made_identities
