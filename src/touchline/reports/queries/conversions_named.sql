-- reads: conversions
-- grain: one conversion
-- The conversions with this id or this order id.
select
  organization_id, site_id, person_id, conversion_id, goal, signal_type, order_id, occurred_at, currency,
  gross_value_micros, refunded_micros, value_micros, status, is_counted, is_verified, event_count, self_reported_source
from conversions
where organization_id = $organization_id and (conversion_id = $named or order_id = $named)
order by conversion_id
