-- writes: waste_findings
-- reads: daily_rollups, organizations, conversions, paths, touchpoints
-- grain: one organization, day of a touch and day of a conversion that it led to
-- How long after touches conversions came, of touches since a lookback window before the waste window.
with windows as (
  select
    r.organization_id as organization_id,
    max(r.rollup_date) as window_end,
    max(r.rollup_date) - cast(o.waste_window_days as integer) - cast(o.lookback_days as integer) + 1 as first_date
  from daily_rollups as r
  join organizations as o on o.organization_id = r.organization_id
  group by r.organization_id, o.waste_window_days, o.lookback_days
)
select
  c.organization_id as organization_id, w.window_end as window_end,
  t.touch_date as touch_date, c.conversion_date as conversion_date, count(*) as touches
from conversions as c
join windows as w on w.organization_id = c.organization_id
join paths as p on p.conversion_id = c.conversion_id
join touchpoints as t on t.touchpoint_id = p.touchpoint_id
where c.is_counted and p.is_eligible and c.conversion_date >= w.first_date and t.touch_date >= w.first_date
  and t.touch_date <= c.conversion_date and c.conversion_date <= w.window_end
group by c.organization_id, w.window_end, t.touch_date, c.conversion_date
order by c.organization_id, t.touch_date, c.conversion_date
