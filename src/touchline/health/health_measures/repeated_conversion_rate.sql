-- writes: health_measures
-- reads: conversion_coverage
-- grain: one measure of one site, channel, goal, platform and day
-- place: 14
-- says: Conversions that several events report
-- numerator: counted conversions that more than one event reports
-- denominator: counted conversions
-- worse: above
-- owner: engineering
-- slices: goal
-- since: 0.2
select
  organization_id, site_id, '' as channel, goal, '' as platform, period, 'repeated_conversion_rate' as measure,
  cast(sum(is_repeated) as bigint) as numerator, count(*) as denominator
from conversion_coverage
group by organization_id, site_id, goal, period
