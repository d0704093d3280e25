-- reads: health_limits
-- grain: one population
-- On how many days of the window health had limits to hold a rate against. Volumes, which have no upper limit, have some
-- on days without any data, too.
select count(distinct period) as days
from health_limits
where organization_id = $organization_id and channel = '' and ($site_id = '' or site_id = $site_id)
  and upper_limit is not null and period >= $start and period <= $end
