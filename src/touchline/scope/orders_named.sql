-- writes: scope_orders_named
-- reads: events_of_identifiers, changed_events
-- grain: one order id of one site
-- The orders whose events are in the scope or were erased.
select site_id, order_id
from events_of_identifiers
where order_id is not null
union
select site_id, order_id
from changed_events
where order_id is not null
