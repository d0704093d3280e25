-- reads: corrections, sites
-- grain: one refund or cancellation
-- What was said about one person's order afterwards, and how much there is of it; what is applied comes first.
select
  x.event_id as event_id, x.kind as kind, x.occurred_at as occurred_at,
  local_time(x.occurred_at, s.time_zone) as local_time, x.refunded_micros as refunded_micros, x.currency as currency,
  x.is_verified as is_verified,
  case
    when x.is_applied and x.kind = 'refund' and x.refunded_micros is not null and x.currency <> $native_currency
      then 'other_currency'
    else x.reason
  end as reason,
  count(*) over () as how_many
from corrections as x
join sites as s on s.site_id = x.site_id
where x.organization_id = $organization_id and x.site_id = $site_id and x.order_id = $order_id
  and x.person_id = $person_id
order by x.is_applied desc, x.occurred_at, x.event_id
limit 100
