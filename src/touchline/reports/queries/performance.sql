-- reads: daily_rollups
-- grain: one day
-- What was spent on each day, and the credit and value that are booked to it; of one of several sites, what it earned.
select
  rollup_date as day,
  cast(sum(credit) as bigint) as credit,
  total(value_micros) as value_micros,
  total(case when model = '' then spend_micros end) as spend_micros
from daily_rollups
where organization_id = $organization_id and basis = $basis and grain = 'ORGANIZATION' and currency = $currency
  and model in ('', $model) and (goal = '' or $goal = '' or goal = $goal) and $site_id in ('', site_id)
  and rollup_date >= $start and rollup_date <= $end
group by rollup_date
order by rollup_date
