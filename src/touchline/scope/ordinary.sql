-- writes: scope_ordinary
-- reads: scope_persons, scope_crowded
-- grain: one person
-- All others of the scope: their rows are replaced together.
select person_id from scope_persons
except
select person_id from scope_crowded
