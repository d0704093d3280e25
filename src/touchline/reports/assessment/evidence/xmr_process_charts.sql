-- reads: health_measures
-- grain: one series
-- says: Series of conversions without a touch that are long enough for process limits.
with series as (
  select site_id
  from health_measures
  where organization_id = $organization_id and measure = 'no_touch_rate' and denominator > 0
  group by site_id
  having count(distinct period) >= 12
)
select count(*) as found
from series
