-- reads: daily_rollups, account_rollups
-- grain: one day
-- What was spent on each day, and the credit and value that are booked to it. Of one of several sites the spend is known
-- where all costs of the window are mapped to sites; of one account it never is.
with sums as (
  select organization_id, site_id, rollup_date, basis, goal, currency, model, credit, value_micros, spend_micros
  from daily_rollups
  where grain = 'ORGANIZATION' and $account_id = ''
  union all
  select
    organization_id, site_id, rollup_date, basis, goal, currency, model, credit, value_micros, 0 as spend_micros
  from account_rollups
  where account_id = $account_id and $account_id <> ''
),
unmapped as (
  select count(*) as costs
  from daily_rollups
  where organization_id = $organization_id and basis = $basis and grain = 'ORGANIZATION' and currency = $currency
    and model = '' and site_id = '' and rollup_date >= $start and rollup_date <= $end
)
select
  s.rollup_date as day,
  cast(sum(s.credit) as bigint) as credit,
  total(s.value_micros) as value_micros,
  total(case when s.model = '' and ($site_id = '' or u.costs = 0) then s.spend_micros end) as spend_micros
from sums as s
cross join unmapped as u
where s.organization_id = $organization_id and s.basis = $basis and s.currency = $currency
  and s.model in ('', $model) and (s.goal = '' or $goal = '' or s.goal = $goal) and $site_id in ('', s.site_id)
  and s.rollup_date >= $start and s.rollup_date <= $end
group by s.rollup_date
order by s.rollup_date
