-- writes: health_measures
-- reads: conversion_coverage
-- grain: one measure of one site, channel, goal, platform and day
-- place: 3
-- says: Conversions with no touch at all
-- numerator: counted conversions without a touch
-- denominator: counted conversions
-- worse: above
-- owner: engineering
-- slices: goal
-- since: 0.1
select
  organization_id, site_id, '' as channel, goal, '' as platform, period, 'no_touch_rate' as measure,
  cast(sum(is_untouched) as bigint) as numerator, count(*) as denominator
from conversion_coverage
group by organization_id, site_id, goal, period
