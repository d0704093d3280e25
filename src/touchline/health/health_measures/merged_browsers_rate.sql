-- writes: health_measures
-- reads: begun_browsers
-- grain: one measure of one site, channel, goal, platform and day
-- place: 10
-- says: New browsers of persons who had another one
-- numerator: new browsers whose person had another browser
-- denominator: new browsers
-- worse: above
-- owner: engineering
-- since: 0.2
with browsers as (
  select organization_id, site_id, person_id, period
  from begun_browsers
  where is_passed_on = 0
),
firsts as (
  select organization_id, site_id, min(period) as period
  from browsers
  group by organization_id, site_id, person_id
),
counted as (
  select organization_id, site_id, period, 1 as browser_count, 0 as person_count from browsers
  union all
  select organization_id, site_id, period, 0 as browser_count, 1 as person_count from firsts
)
select
  organization_id, site_id, '' as channel, '' as goal, '' as platform, period, 'merged_browsers_rate' as measure,
  cast(sum(browser_count) - sum(person_count) as bigint) as numerator, cast(sum(browser_count) as bigint) as denominator
from counted
group by organization_id, site_id, period
