-- reads: health_measures
-- grain: one day of one site
-- says: Days with the share of conversions that have a known touch.
select count(*) as found
from health_measures
where organization_id = $organization_id and measure = 'behavioural_coverage'
