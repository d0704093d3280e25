-- writes: health_measures
-- reads: conversion_coverage
-- grain: one measure of one site, channel, goal, platform and day
-- place: 1
-- says: Conversions with at least one touch that is not Direct
-- numerator: counted conversions with a touch that is not Direct
-- denominator: counted conversions
-- worse: below
-- owner: engineering
-- slices: goal
-- since: 0.1
select
  organization_id, site_id, '' as channel, goal, '' as platform, period, 'behavioural_coverage' as measure,
  cast(sum(is_covered) as bigint) as numerator, count(*) as denominator
from conversion_coverage
group by organization_id, site_id, goal, period
