-- writes: scope_persons_named
-- reads: scope_touches_renamed, scope_persons_credited
-- grain: one otherwise unchanged person
-- The persons with a touch that carries an id or a name that was added, removed, or reassigned.
select distinct person_id
from scope_touches_renamed
where person_id not in (select person_id from scope_persons_credited)
