-- writes: health_measures
-- reads: conversion_coverage
-- grain: one measure of one site, channel, goal, platform and day
-- place: 15
-- says: Value of conversions without a touch that is not Direct
-- numerator: whole units of the value of counted conversions without a touch that is not Direct
-- denominator: whole units of the value of counted conversions
-- worse: above
-- judged: never, a single large order decides it
-- owner: marketing
-- slices: goal
-- since: 0.2
select
  organization_id, site_id, '' as channel, goal, '' as platform, period, 'unattributed_value_share' as measure,
  cast(sum(case when is_covered = 1 then 0 else value_units end) as bigint) as numerator,
  cast(sum(value_units) as bigint) as denominator
from conversion_coverage
where value_units > 0
group by organization_id, site_id, goal, period
