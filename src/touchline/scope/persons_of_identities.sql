-- writes: scope_persons_first
-- reads: identities, corrections, scope_persons_before, scope_identifiers, scope_orders
-- grain: one person
-- The persons of the scope before and after identity was solved, and those whose orders were corrected until now.
select person_id from scope_persons_before
union
select i.person_id as person_id
from identities as i
join scope_identifiers as s on s.organization_id = i.organization_id and s.identifier = i.identifier
union
select c.person_id as person_id
from corrections as c
join scope_orders as o on o.site_id = c.site_id and o.order_id = c.order_id
