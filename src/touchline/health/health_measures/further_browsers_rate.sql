-- writes: health_measures
-- reads: sessions
-- grain: one measure of one site, channel, goal, platform and day
-- place: 9
-- says: Browsers with visits on one day, beyond the first of their person
-- numerator: browsers with visits on the day, beyond the first of their person
-- denominator: browsers with visits on the day
-- worse: above
-- owner: engineering
-- since: 0.2
with browsers as (
  select organization_id, site_id, person_id, started_date, identifier
  from sessions
  where identifier like 'v:%'
  group by organization_id, site_id, person_id, started_date, identifier
),
persons as (
  select organization_id, site_id, started_date, count(*) as browser_count
  from browsers
  group by organization_id, site_id, person_id, started_date
)
select
  organization_id, site_id, '' as channel, '' as goal, '' as platform, started_date as period,
  'further_browsers_rate' as measure, cast(sum(browser_count - 1) as bigint) as numerator,
  cast(sum(browser_count) as bigint) as denominator
from persons
group by organization_id, site_id, started_date
