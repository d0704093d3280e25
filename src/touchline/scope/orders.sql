-- writes: scope_orders
-- reads: events_of_identifiers, sought_corrections
-- grain: one order id of one site
-- Of the named orders, those with a refund: in the scope's events, or in a stored correction.
select site_id, order_id
from events_of_identifiers
where order_id is not null and type = 'REFUND'
union
select site_id, order_id
from sought_corrections
