-- writes: scope_crowded
-- reads: crowded_persons, scope_persons
-- grain: one person
-- The persons of the scope who were crowded until now.
select person_id
from crowded_persons
where person_id in (select person_id from scope_persons)
