-- writes: scope_ordinary
-- reads: scope_persons, scope_crowded
-- grain: one person
-- The persons of the scope who are not crowded: their rows are replaced together.
select person_id from scope_persons
except
select person_id from scope_crowded
