-- reads: daily_rollups
-- grain: one day
-- What each day earned and cost; of one of several sites the cost is known where all costs of the
-- window are mapped to sites.
with unmapped as (
  select count(*) as costs
  from daily_rollups
  where organization_id = $organization_id and basis = 'CONVERSION' and grain = 'ORGANIZATION' and currency = $currency
    and model = '' and site_id = '' and rollup_date >= $start and rollup_date <= $end
)
select
  r.rollup_date as day,
  cast(sum(case when r.model = $model and ($goal = '' or r.goal = $goal) then r.credit else 0 end) as bigint) as credit,
  total(case when r.model = $model and ($goal = '' or r.goal = $goal) then r.value_micros else 0 end)
    as value_micros,
  total(case when r.model = '' and ($site_id = '' or u.costs = 0) then r.spend_micros end) as spend_micros
from daily_rollups as r
cross join unmapped as u
where r.organization_id = $organization_id and r.basis = 'CONVERSION' and r.grain = 'ORGANIZATION'
  and r.currency = $currency and $site_id in ('', r.site_id) and r.rollup_date >= $start and r.rollup_date <= $end
group by r.rollup_date
order by r.rollup_date
