-- writes: health_measures
-- reads: seen_landings
-- grain: one measure of one site, channel, goal, platform and day
-- place: 19
-- says: Visits that name the page that they came from (referrer)
-- numerator: landings with the referrer of another site
-- denominator: landings
-- worse: below
-- needs: a case
-- owner: engineering
-- since: 0.2
select
  organization_id, site_id, '' as channel, '' as goal, '' as platform, period, 'referred_visit_rate' as measure,
  cast(sum(has_referrer) as bigint) as numerator, count(*) as denominator
from seen_landings
group by organization_id, site_id, period
