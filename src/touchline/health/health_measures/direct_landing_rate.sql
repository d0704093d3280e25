-- writes: health_measures
-- reads: seen_landings
-- grain: one measure of one site, channel, goal, platform and day
-- place: 5
-- says: Visits with no evidence of a source (Direct)
-- numerator: landings whose channel is Direct
-- denominator: landings
-- worse: above
-- owner: engineering
-- since: 0.1
select
  organization_id, site_id, '' as channel, '' as goal, '' as platform, period, 'direct_landing_rate' as measure,
  cast(sum(is_direct) as bigint) as numerator, count(*) as denominator
from seen_landings
group by organization_id, site_id, period
