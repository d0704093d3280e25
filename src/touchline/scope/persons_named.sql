-- writes: scope_persons_named
-- reads: scope_touches_renamed, scope_persons
-- grain: one person of whom nothing changed
-- The persons with a touch that says an id or a name that came, went or changed hands.
select distinct person_id
from scope_touches_renamed
where person_id not in (select person_id from scope_persons)
