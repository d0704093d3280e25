-- writes: health_measures
-- reads: conversion_coverage
-- grain: one measure of one site, channel, goal, platform and day
-- place: 2
-- says: Conversions with Direct touches only
-- numerator: counted conversions whose touches are all Direct
-- denominator: counted conversions
-- worse: above
-- owner: engineering
-- slices: goal
-- since: 0.1
select
  organization_id, site_id, '' as channel, goal, '' as platform, period, 'direct_only_rate' as measure,
  cast(sum(is_direct_only) as bigint) as numerator, count(*) as denominator
from conversion_coverage
group by organization_id, site_id, goal, period
