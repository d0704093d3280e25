-- writes: health_signals
-- reads: health_volumes
-- grain: one volume of one site on one day
-- Every volume that is held against its past, in time order; a day without any has no row.
select organization_id, site_id, measure, goal, period, volume
from health_volumes
where measure in ('landings', 'conversions')
order by organization_id, site_id, measure, goal, period
