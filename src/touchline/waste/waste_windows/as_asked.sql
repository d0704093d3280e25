-- writes: waste_windows
-- reads: daily_rollups, organizations
-- grain: one organization
-- place: 2
-- offered: on request
-- says: The requested days, goal and grain of one organization; what came until now is known.
-- since: 0.2
select
  r.organization_id as organization_id,
  cast($goal as varchar) as goal,
  cast($grain as varchar) as grain,
  cast($start as date) as window_start,
  case when max(r.rollup_date) < cast($end as date) then max(r.rollup_date) else cast($end as date) end as window_end,
  max(r.rollup_date) as known_until,
  cast($start as date) - cast(o.lookback_days as integer) as first_date
from daily_rollups as r
join organizations as o on o.organization_id = r.organization_id
where r.organization_id = $organization_id and r.grain = 'ORGANIZATION'
group by r.organization_id, o.lookback_days
