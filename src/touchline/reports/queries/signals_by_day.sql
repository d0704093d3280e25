-- reads: health_signals
-- grain: one measure of one site on one day
-- The days on which a measure left its limits.
select site_id, measure, goal, period, direction, since, value, centre, lower_limit, upper_limit, fit_id
from health_signals
where organization_id = $organization_id and channel = '' and period >= $start and period <= $end
  and ($site_id = '' or site_id = $site_id)
order by period desc, site_id, measure, goal
