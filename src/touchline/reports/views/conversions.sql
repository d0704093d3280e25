-- includes: conversions_all
-- grain: one conversion that counts, in the organization's currency
-- Orders that are tests, cancelled or refunded in full do not count; the values are what is left after refunds.
select
  organization_id, site_id, conversion_id, person_id, session_id, order_id, account_id, goal, is_primary_goal,
  signal_type, date, occurred_at, occurred_at_utc, currency, gross_value_micros, refunded_micros, value_micros, value,
  status, is_verified, event_count, self_reported_source, native_currency, native_value_micros, exchange_rate
from conversions_all
where is_counted and is_own_currency
