-- writes: health_measures
-- reads: conversion_coverage
-- grain: one measure of one site, channel, goal, platform and day
-- place: 4
-- says: Conversions with more eligible touches than the path limit
-- numerator: counted conversions with more eligible touches than the path limit
-- denominator: counted conversions
-- worse: above
-- owner: analytics
-- slices: goal
-- since: 0.1
select
  organization_id, site_id, '' as channel, goal, '' as platform, period, 'cut_path_rate' as measure,
  cast(sum(is_cut) as bigint) as numerator, count(*) as denominator
from conversion_coverage
group by organization_id, site_id, goal, period
