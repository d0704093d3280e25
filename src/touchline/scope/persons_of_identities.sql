-- writes: scope_persons_first
-- reads: made_identities, corrections_of_orders, scope_persons_before
-- grain: one person
-- The persons of the scope before and after identity was solved, and those whose orders were corrected until now.
select person_id from scope_persons_before
union
select person_id from made_identities
union
select person_id from corrections_of_orders
