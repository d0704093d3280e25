-- writes: events_of_orders
-- reads: sought_events
-- grain: one event that names an order in the scope
-- The columns of these orders' events that corrections need; wide columns are expensive to read.
select
  organization_id, site_id, event_id, identifier, type, name, occurred_at, visitor_id, value_micros, currency, order_id,
  is_verified
from sought_events
