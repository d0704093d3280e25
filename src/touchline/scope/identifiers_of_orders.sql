-- writes: scope_identifiers_of_orders
-- reads: events_of_orders, scope_identifiers
-- grain: one identifier
-- Identifiers that share an order with the scope, and whose components were not solved in this run.
select organization_id, identifier from events_of_orders
except
select organization_id, identifier from scope_identifiers
