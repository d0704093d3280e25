-- reads: corrections
-- grain: one refund or cancellation
-- What was said about one person's order afterwards.
select kind, occurred_at, refunded_micros
from corrections
where organization_id = $organization_id and site_id = $site_id and order_id = $order_id and person_id = $person_id
order by occurred_at, event_id
