-- reads: conversions, sites
-- grain: one conversion
-- The conversions with this id or this order id.
select
  c.organization_id as organization_id, c.site_id as site_id, c.person_id as person_id,
  c.conversion_id as conversion_id, c.goal as goal, c.signal_type as signal_type, c.order_id as order_id,
  c.occurred_at as occurred_at, local_time(c.occurred_at, s.time_zone) as local_time, s.time_zone as time_zone,
  c.currency as currency, c.gross_value_micros as gross_value_micros, c.refunded_micros as refunded_micros,
  c.value_micros as value_micros, c.status as status, c.is_counted as is_counted, c.is_verified as is_verified,
  c.event_count as event_count, c.self_reported_source as self_reported_source,
  c.native_currency as native_currency, c.native_value_micros as native_value_micros, c.exchange_rate as exchange_rate
from conversions as c
join sites as s on s.site_id = c.site_id
where c.organization_id = $organization_id and (c.conversion_id = $named or c.order_id = $named)
order by c.conversion_id
