-- reads: daily_rollups, account_rollups
-- grain: one day
-- What was spent on each day, and the credit and value that are booked to it; of one of several sites, or of one account, what it earned.
with sums as (
  select organization_id, site_id, rollup_date, basis, goal, currency, model, credit, value_micros, spend_micros
  from daily_rollups
  where grain = 'ORGANIZATION' and $account_id = ''
  union all
  select
    organization_id, site_id, rollup_date, basis, goal, currency, model, credit, value_micros, 0 as spend_micros
  from account_rollups
  where account_id = $account_id and $account_id <> ''
)
select
  rollup_date as day,
  cast(sum(credit) as bigint) as credit,
  total(value_micros) as value_micros,
  total(case when model = '' then spend_micros end) as spend_micros
from sums
where organization_id = $organization_id and basis = $basis and currency = $currency
  and model in ('', $model) and (goal = '' or $goal = '' or goal = $goal) and $site_id in ('', site_id)
  and rollup_date >= $start and rollup_date <= $end
group by rollup_date
order by rollup_date
