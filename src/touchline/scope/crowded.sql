-- writes: scope_crowded
-- reads: crowded_persons, scope_persons
-- grain: one person
-- Persons in the scope who were crowded before this run.
select person_id
from crowded_persons
where person_id in (select person_id from scope_persons)
