-- reads: health_limits
-- grain: one population
-- On how many days of the window health had limits to hold a measure against.
select count(distinct period) as days
from health_limits
where organization_id = $organization_id and channel = '' and ($site_id = '' or site_id = $site_id)
  and period >= $start and period <= $end
