-- reads: health_limits
-- grain: one measure of one site on one day
-- What each day of each measure and volume is held against.
select
  site_id, measure, goal, period, numerator, denominator, center, lower_limit, upper_limit, baseline_start,
  baseline_end, fit_id
from health_limits
where organization_id = $organization_id and channel = '' and ($site_id = '' or site_id = $site_id)
order by site_id, measure, goal, period
