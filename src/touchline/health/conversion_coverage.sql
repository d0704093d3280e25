-- writes: conversion_coverage
-- reads: conversions, paths
-- grain: one conversion that counts
-- What a conversion's path shows, as numbers to add up: a touch that is not Direct, Direct alone, nothing at all, or a part of its touches.
with seen as (
  select
    conversion_id,
    max(case when channel = 'Direct' then 0 else 1 end) as has_other,
    max(case when touchpoint_count < eligible_count then 1 else 0 end) as is_cut
  from paths
  group by conversion_id
)
select
  c.organization_id as organization_id,
  c.site_id as site_id,
  c.conversion_date as period,
  case when s.has_other = 1 then 1 else 0 end as is_covered,
  case when s.has_other = 0 then 1 else 0 end as is_direct_only,
  case when s.has_other is null then 1 else 0 end as is_untouched,
  coalesce(s.is_cut, 0) as is_cut
from conversions as c
left join seen as s on s.conversion_id = c.conversion_id
where c.is_counted
