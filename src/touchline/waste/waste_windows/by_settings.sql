-- writes: waste_windows
-- reads: daily_rollups, organizations
-- grain: one organization
-- place: 1
-- says: The days up to the newest with data, as many as the settings say, and the primary goal.
-- since: 0.2
select
  r.organization_id as organization_id,
  o.primary_goal as goal,
  '' as grain,
  max(r.rollup_date) - cast(o.waste_window_days as integer) + 1 as window_start,
  max(r.rollup_date) as window_end,
  max(r.rollup_date) as known_until,
  max(r.rollup_date) - cast(o.waste_window_days as integer) - cast(o.lookback_days as integer) + 1 as first_date
from daily_rollups as r
join organizations as o on o.organization_id = r.organization_id
where r.grain = 'ORGANIZATION'
group by r.organization_id, o.primary_goal, o.waste_window_days, o.lookback_days
