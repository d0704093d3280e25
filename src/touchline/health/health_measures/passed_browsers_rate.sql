-- writes: health_measures
-- reads: begun_browsers
-- grain: one measure of one site, channel, goal, platform and day
-- place: 11
-- says: Browsers that passed from one person to another
-- numerator: browsers that began to be another person's
-- denominator: browsers that began to be a person's
-- worse: above
-- owner: engineering
-- since: 0.2
select
  organization_id, site_id, '' as channel, '' as goal, '' as platform, period, 'passed_browsers_rate' as measure,
  cast(sum(is_passed_on) as bigint) as numerator, count(*) as denominator
from begun_browsers
group by organization_id, site_id, period
