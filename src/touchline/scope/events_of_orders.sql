-- writes: events_of_orders
-- reads: sought_events
-- grain: one event that names an order of the scope
-- What corrections need of the events of these orders; wide columns are dear to read.
select
  organization_id, site_id, event_id, identifier, type, name, occurred_at, visitor_id, value_micros, currency, order_id,
  is_verified
from sought_events
