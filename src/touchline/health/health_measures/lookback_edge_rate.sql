-- writes: health_measures
-- reads: conversion_coverage
-- grain: one measure of one site, channel, goal, platform and day
-- place: 13
-- says: Conversions with a touch in the last tenth of the lookback window
-- numerator: counted conversions whose oldest touch is in the last tenth of the lookback window
-- denominator: counted conversions with a touch
-- worse: above
-- judged: never, a longer journey is no fault
-- owner: analytics
-- slices: goal
-- since: 0.2
select
  organization_id, site_id, '' as channel, goal, '' as platform, period, 'lookback_edge_rate' as measure,
  cast(sum(is_at_edge) as bigint) as numerator, count(*) as denominator
from conversion_coverage
where is_untouched = 0
group by organization_id, site_id, goal, period
