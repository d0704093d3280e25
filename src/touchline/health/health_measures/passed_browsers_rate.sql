-- writes: health_measures
-- reads: begun_browsers
-- grain: one measure of one site on one day
-- place: 11
-- says: Browsers that passed from one person to another
-- worse: above
-- since: 0.2
select
  organization_id, site_id, '' as channel, period, 'passed_browsers_rate' as measure,
  cast(sum(is_passed_on) as bigint) as numerator, count(*) as denominator
from begun_browsers
group by organization_id, site_id, period
