-- writes: conversion_coverage
-- reads: conversions, paths, organizations
-- grain: one conversion that counts
-- What a conversion and its path show, as numbers to add up: a touch that is not Direct, Direct alone, nothing at all, a part of its touches, a touch at the edge of the lookback window, several reports, and its value in whole units of the organization's currency.
with seen as (
  select
    conversion_id,
    max(case when channel = 'Direct' then 0 else 1 end) as has_other,
    max(case when touchpoint_count < eligible_count then 1 else 0 end) as is_cut,
    max(age_micros) as oldest_micros
  from paths
  group by conversion_id
)
select
  c.organization_id as organization_id,
  c.site_id as site_id,
  c.goal as goal,
  c.conversion_date as period,
  case when s.has_other = 1 then 1 else 0 end as is_covered,
  case when s.has_other = 0 then 1 else 0 end as is_direct_only,
  case when s.has_other is null then 1 else 0 end as is_untouched,
  coalesce(s.is_cut, 0) as is_cut,
  case when s.oldest_micros * 10 > o.lookback_days * 86400000000 * 9 then 1 else 0 end as is_at_edge,
  case when c.event_count > 1 then 1 else 0 end as is_repeated,
  case when c.value_micros > 0 and c.currency = o.currency then c.value_micros // 1000000 else 0 end as value_units
from conversions as c
join organizations as o on o.organization_id = c.organization_id
left join seen as s on s.conversion_id = c.conversion_id
where c.is_counted
