-- writes: waste_findings
-- reads: conversions, paths, touchpoints, waste_windows
-- grain: one organization, day of a touch and day of a conversion that it led to
-- How long after touches conversions came, of touches since a lookback window before the waste window.
select
  c.organization_id as organization_id, w.known_until as known_until,
  t.touch_date as touch_date, c.conversion_date as conversion_date, count(*) as touches
from conversions as c
join waste_windows as w on w.organization_id = c.organization_id
join paths as p on p.conversion_id = c.conversion_id
join touchpoints as t on t.touchpoint_id = p.touchpoint_id
where c.is_counted and p.is_eligible and c.conversion_date >= w.first_date and t.touch_date >= w.first_date
  and t.touch_date <= c.conversion_date and c.conversion_date <= w.known_until
group by c.organization_id, w.known_until, t.touch_date, c.conversion_date
order by c.organization_id, t.touch_date, c.conversion_date
