-- reads: daily_rollups, organizations
-- grain: one organization
-- The last day with data, and what was spent in the days of the waste window up to it.
with newest as (
  select
    o.organization_id as organization_id,
    max(r.rollup_date) as window_end,
    max(r.rollup_date) - cast(max(o.waste_window_days) as integer) + 1 as window_start
  from daily_rollups as r
  join organizations as o on o.organization_id = r.organization_id
  where r.organization_id = $organization_id
  group by o.organization_id
)
select
  n.window_start as window_start,
  n.window_end as window_end,
  total(case when r.basis = 'CONVERSION' and r.grain = $grain and r.model = '' and r.currency = $currency
    and r.rollup_date >= n.window_start then r.spend_micros else 0 end) as spend_micros
from newest as n
join daily_rollups as r on r.organization_id = n.organization_id
group by n.window_start, n.window_end
