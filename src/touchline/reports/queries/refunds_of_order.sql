-- reads: corrections
-- grain: one refund or cancellation
-- What was said about one person's order afterwards, and how much there is of it; what is applied comes first.
select
  event_id, kind, occurred_at, refunded_micros, currency, is_verified,
  case
    when is_applied and kind = 'refund' and refunded_micros is not null and currency <> $currency then 'other_currency'
    else reason
  end as reason,
  count(*) over () as how_many
from corrections
where organization_id = $organization_id and site_id = $site_id and order_id = $order_id and person_id = $person_id
order by is_applied desc, occurred_at, event_id
limit 100
