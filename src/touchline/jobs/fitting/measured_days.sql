-- reads: health_measures
-- grain: one measure of one site on one day
-- The daily measures of the window, in time order.
select site_id, measure, period, numerator, denominator
from health_measures
where organization_id = $organization_id and channel = ''
  and period >= $window_start and period <= $window_end
order by site_id, measure, period
