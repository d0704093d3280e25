-- reads: conversions, organizations, sites
-- grain: one reported conversion, counted or not, in any currency
-- Test orders, cancelled and refunded orders are among the rows.
select
  c.organization_id as organization_id,
  c.site_id as site_id,
  c.conversion_id as conversion_id,
  c.person_id as person_id,
  c.session_id as session_id,
  c.order_id as order_id,
  c.account_id as account_id,
  c.goal as goal,
  o.primary_goal in ('', c.goal) as is_primary_goal,
  c.signal_type as signal_type,
  c.conversion_date as date,
  local_time(c.occurred_at, s.time_zone) as occurred_at,
  c.occurred_at as occurred_at_utc,
  c.currency as currency,
  c.currency = o.currency as is_own_currency,
  c.gross_value_micros as gross_value_micros,
  c.refunded_micros as refunded_micros,
  c.value_micros as value_micros,
  cast(c.value_micros as double) / 1e6 as value,
  c.status as status,
  c.is_counted as is_counted,
  c.is_verified as is_verified,
  c.event_count as event_count,
  c.self_reported_source as self_reported_source,
  c.native_currency as native_currency,
  c.native_value_micros as native_value_micros,
  c.exchange_rate as exchange_rate
from conversions as c
join organizations as o on o.organization_id = c.organization_id
join sites as s on s.site_id = c.site_id
