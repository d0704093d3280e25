-- reads: health_limits
-- grain: one measure or volume of one site on one day
-- What each day is held against: a rate is numerator by denominator, a volume is the average of as many days as the denominator says.
select
  organization_id, site_id, period as date, measure, nullif(channel, '') as channel, nullif(goal, '') as goal,
  numerator, denominator,
  cast(numerator as double) / nullif(denominator, 0) as measured,
  center, lower_limit, upper_limit, baseline_start, baseline_end, nullif(fit_id, '') as fit_id
from health_limits
