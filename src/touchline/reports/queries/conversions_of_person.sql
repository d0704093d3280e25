-- reads: conversions
-- grain: one conversion of a person
-- The conversions of a person, 5,000 at a time.
select
  conversion_id as row_key,
  site_id, conversion_id, session_id, goal, order_id, account_id, occurred_at, currency, gross_value_micros, refunded_micros,
  value_micros, status, is_counted, is_verified, self_reported_source
from conversions
where organization_id = $organization_id
  and person_id = $person_id
  and conversion_id > $after
order by row_key
limit 5000
