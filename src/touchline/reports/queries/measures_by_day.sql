-- reads: health_measures
-- grain: one measure of one site on one day
-- Every measure from day to day.
select site_id, measure, period, numerator, denominator
from health_measures
where organization_id = $organization_id and channel = '' and ($site_id = '' or site_id = $site_id)
order by site_id, measure, period
