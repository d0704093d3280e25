-- writes: scope_persons
-- reads: corrections, scope_persons_first, scope_orders
-- grain: one person
-- The persons of the scope and those whose orders are corrected now.
select person_id from scope_persons_first
union
select c.person_id as person_id
from corrections as c
join scope_orders as o on o.site_id = c.site_id and o.order_id = c.order_id
