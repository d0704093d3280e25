-- writes: scope_persons
-- reads: corrections_of_orders, scope_persons_first
-- grain: one person
-- The persons of the scope, and those whose orders have a correction now.
select person_id from scope_persons_first
union
select person_id from corrections_of_orders
