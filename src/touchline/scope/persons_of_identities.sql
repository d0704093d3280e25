-- writes: scope_persons_first
-- reads: made_identities, scope_identifiers, corrections_of_orders, scope_persons_before
-- grain: one person
-- Persons of the solved identifiers, before and after this run, and those whose orders had a correction before.
select person_id from scope_persons_before
union
select m.person_id as person_id
from made_identities as m
join scope_identifiers as s on s.organization_id = m.organization_id and s.identifier = m.identifier
union
select person_id from corrections_of_orders
