-- reads: health_measures
-- grain: one measure of one site on one day
-- The daily measures of the window, in time order.
select
  site_id, measure, period, cast(sum(numerator) as bigint) as numerator,
  cast(sum(denominator) as bigint) as denominator
from health_measures
where organization_id = $organization_id
  and period >= $window_start and period <= $window_end
group by site_id, measure, period
order by site_id, measure, period
