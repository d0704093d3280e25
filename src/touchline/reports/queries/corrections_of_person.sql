-- reads: corrections
-- grain: one refund or cancellation of a person
-- The refunds and cancellations of a person, 5,000 at a time.
select
  site_id || ' ' || event_id as row_key,
  site_id, event_id, order_id, kind, occurred_at, refunded_micros, currency, is_verified, is_applied, reason
from corrections
where organization_id = $organization_id
  and person_id = $person_id
  and site_id || ' ' || event_id > $after
order by row_key
limit 5000
