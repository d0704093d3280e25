-- reads: daily_rollups, organizations
-- grain: one other currency than the organization's
-- On which days there is money that no exchange rate converts.
select
  r.organization_id as organization_id, r.currency as currency, o.currency as own_currency,
  count(distinct r.rollup_date) as days, min(r.rollup_date) as first_day, max(r.rollup_date) as last_day
from daily_rollups as r
join organizations as o on o.organization_id = r.organization_id
where r.organization_id = $organization_id and r.basis = 'CONVERSION' and r.grain = 'ORGANIZATION'
  and r.currency <> o.currency and (r.spend_micros <> 0 or r.credit <> 0)
group by r.organization_id, r.currency, o.currency
order by r.organization_id, r.currency
