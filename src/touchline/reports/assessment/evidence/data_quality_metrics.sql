-- reads: health_measures
-- grain: one day of one site
-- says: Days with the share of visits without evidence, or of paths that were cut.
with days as (
  select distinct site_id, measure, period
  from health_measures
  where organization_id = $organization_id and (measure = 'direct_landing_rate' or measure = 'cut_path_rate')
)
select count(*) as found
from days
