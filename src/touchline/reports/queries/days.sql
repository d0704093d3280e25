-- reads: daily_rollups
-- grain: one day
-- What each day earned and cost; of one of several sites, what it earned: no day's costs are of a site.
select
  rollup_date as day,
  cast(sum(case when model = $model and ($goal = '' or goal = $goal) then credit else 0 end) as bigint) as credit,
  total(case when model = $model and ($goal = '' or goal = $goal) then value_micros else 0 end)
    as value_micros,
  total(case when model = '' then spend_micros end) as spend_micros
from daily_rollups
where organization_id = $organization_id and basis = 'CONVERSION' and grain = 'ORGANIZATION' and currency = $currency
  and $site_id in ('', site_id) and rollup_date >= $start and rollup_date <= $end
group by rollup_date
order by rollup_date
