-- writes: health_signals
-- reads: health_measures
-- grain: one measure of one site on one day
-- Every day's rate in time order, for the process limits.
select
  organization_id, site_id, channel, measure, period, numerator, denominator
from health_measures
order by organization_id, site_id, channel, measure, period
