-- writes: health_measures
-- reads: seen_landings
-- grain: one measure of one site, channel, goal, platform and day
-- place: 6
-- says: Visits of browsers that nothing ties to a person
-- numerator: landings of browsers that nothing ties to a person
-- denominator: landings
-- worse: above
-- owner: engineering
-- slices: channel
-- since: 0.2
select
  organization_id, site_id, channel, '' as goal, '' as platform, period, 'unresolved_visit_rate' as measure,
  cast(sum(is_unresolved) as bigint) as numerator, count(*) as denominator
from seen_landings
group by organization_id, site_id, channel, period
