-- writes: health_measures
-- reads: conversion_coverage
-- grain: one measure of one site on one day
-- place: 1
-- says: Conversions with at least one touch that is not Direct
-- worse: below
-- since: 0.1
select
  organization_id, site_id, '' as channel, period, 'behavioural_coverage' as measure,
  cast(sum(is_covered) as bigint) as numerator, count(*) as denominator
from conversion_coverage
group by organization_id, site_id, period
