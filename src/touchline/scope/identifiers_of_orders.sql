-- writes: scope_identifiers_of_orders
-- reads: events_of_orders, scope_identifiers
-- grain: one identifier
-- Those that share an order with the scope, and were not solved anew.
select organization_id, identifier from events_of_orders
except
select organization_id, identifier from scope_identifiers
