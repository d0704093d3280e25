-- reads: health_measures
-- grain: one day of one site
-- says: Days with the share of conversions that have a known touch.
with days as (
  select distinct site_id, measure, period
  from health_measures
  where organization_id = $organization_id and measure = 'behavioural_coverage'
)
select count(*) as found
from days
