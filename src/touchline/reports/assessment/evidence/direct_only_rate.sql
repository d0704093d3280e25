-- reads: health_measures
-- grain: one day of one site
-- says: Days with the share of conversions that have Direct touches only.
with days as (
  select distinct site_id, measure, period
  from health_measures
  where organization_id = $organization_id and measure = 'direct_only_rate'
)
select count(*) as found
from days
