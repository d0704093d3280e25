-- writes: scope_persons_before
-- reads: identities_touched
-- grain: one person
-- The persons that held a touched identifier until now.
select distinct person_id
from identities_touched
