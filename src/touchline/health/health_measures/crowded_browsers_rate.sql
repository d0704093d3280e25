-- writes: health_measures
-- reads: identifiers, sites
-- grain: one measure of one site, channel, goal, platform and day
-- place: 12
-- says: New browsers that show more ids than one person has
-- numerator: new browsers that show more ids than one person has
-- denominator: new browsers
-- worse: above
-- owner: engineering
-- since: 0.2
with browsers as (
  select
    organization_id, first_seen_at, crowded_by,
    substr(identifier, 3, strpos(substr(identifier, 3), ':') - 1) as site_id
  from identifiers
  where identifier like 'v:%'
),
placed as (
  select
    b.organization_id as organization_id, b.site_id as site_id, local_date(b.first_seen_at, s.time_zone) as period,
    case when b.crowded_by <> '' then 1 else 0 end as is_crowded
  from browsers as b
  join sites as s on s.organization_id = b.organization_id and s.site_id = b.site_id
)
select
  organization_id, site_id, '' as channel, '' as goal, '' as platform, period, 'crowded_browsers_rate' as measure,
  cast(sum(is_crowded) as bigint) as numerator, count(*) as denominator
from placed
group by organization_id, site_id, period
