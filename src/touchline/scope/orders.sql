-- writes: scope_orders
-- reads: tracking_events, scope_identifiers, changed_events
-- grain: one order id of one site
-- The orders whose events belong to the scope, or were erased: their refunds may now belong to another person.
select distinct e.site_id as site_id, e.order_id as order_id
from tracking_events as e
join scope_identifiers as s on s.organization_id = e.organization_id and s.identifier = e.identifier
where e.order_id is not null
union
select site_id, order_id
from changed_events
where order_id is not null
