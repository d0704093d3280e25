-- reads: attribution_links, conversions, touchpoints, evidence_channels, conversion_accounts
-- grain: one day
-- Of the credit and value that are booked to a day, the part of touches that somebody surely paid for.
with booked as (
  select
    case when $basis = 'TOUCH' then t.touch_date else c.conversion_date end as day,
    l.credit as credit, l.value_micros as value_micros
  from attribution_links as l
  join conversions as c on c.conversion_id = l.conversion_id
  join touchpoints as t on t.touchpoint_id = l.touchpoint_id
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where l.organization_id = $organization_id and l.model = $model and e.is_paid and c.currency = $currency
    and ($goal = '' or c.goal = $goal) and $site_id in ('', c.site_id)
    and ($basis = 'TOUCH' or (c.conversion_date >= $start and c.conversion_date <= $end))
    and ($account_id = '' or c.conversion_id in (
      select conversion_id from conversion_accounts
      where organization_id = $organization_id and account_id = $account_id
    ))
)
select day, cast(sum(credit) as bigint) as paid_credit, total(value_micros) as paid_value_micros
from booked
where day >= $start and day <= $end
group by day
order by day
