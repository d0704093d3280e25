-- writes: scope_persons_before
-- reads: identities, scope_touched
-- grain: one person
-- The persons that held a touched identifier until now.
select distinct i.person_id as person_id
from identities as i
join scope_touched as t on t.organization_id = i.organization_id and t.identifier = i.identifier
