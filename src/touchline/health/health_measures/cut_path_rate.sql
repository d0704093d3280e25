-- writes: health_measures
-- reads: conversion_coverage
-- grain: one measure of one site on one day
-- place: 4
-- says: Conversions with more eligible touches than the path limit
-- worse: above
-- since: 0.1
select
  organization_id, site_id, '' as channel, period, 'cut_path_rate' as measure,
  cast(sum(is_cut) as bigint) as numerator, count(*) as denominator
from conversion_coverage
group by organization_id, site_id, period
