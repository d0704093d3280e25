-- reads: daily_rollups, organizations
-- grain: one organization
-- The days of the waste window, up to the last day with data, and the first day with data.
select
  max(r.rollup_date) - cast(max(o.waste_window_days) as integer) + 1 as window_start,
  max(r.rollup_date) as window_end,
  min(r.rollup_date) as first_day
from daily_rollups as r
join organizations as o on o.organization_id = r.organization_id
where r.organization_id = $organization_id
group by o.organization_id
