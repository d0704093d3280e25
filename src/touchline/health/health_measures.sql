-- writes: health_measures
-- reads: conversions, paths, touchpoints, evidence_channels
-- grain: one measure of one site on one day
-- Behavioural coverage, direct-only and no-touch conversions add up to all conversions, as cut paths do not; direct landings are of all landings.
with seen as (
  select
    conversion_id,
    max(case when channel = 'Direct' then 0 else 1 end) as has_other,
    max(case when touchpoint_count < eligible_count then 1 else 0 end) as is_cut
  from paths
  group by conversion_id
),
judged as (
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
),
landings as (
  select
    t.organization_id as organization_id,
    t.site_id as site_id,
    t.touch_date as period,
    case when e.channel = 'Direct' then 1 else 0 end as is_direct
  from touchpoints as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where t.is_landing
)
select
  organization_id, site_id, '' as channel, period, 'behavioural_coverage' as measure,
  cast(sum(is_covered) as bigint) as numerator, count(*) as denominator
from judged
group by organization_id, site_id, period
union all
select
  organization_id, site_id, '' as channel, period, 'direct_only_rate' as measure,
  cast(sum(is_direct_only) as bigint) as numerator, count(*) as denominator
from judged
group by organization_id, site_id, period
union all
select
  organization_id, site_id, '' as channel, period, 'no_touch_rate' as measure,
  cast(sum(is_untouched) as bigint) as numerator, count(*) as denominator
from judged
group by organization_id, site_id, period
union all
select
  organization_id, site_id, '' as channel, period, 'cut_path_rate' as measure,
  cast(sum(is_cut) as bigint) as numerator, count(*) as denominator
from judged
group by organization_id, site_id, period
union all
select
  organization_id, site_id, '' as channel, period, 'direct_landing_rate' as measure,
  cast(sum(is_direct) as bigint) as numerator, count(*) as denominator
from landings
group by organization_id, site_id, period
