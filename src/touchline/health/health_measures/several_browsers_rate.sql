-- writes: health_measures
-- reads: sessions
-- grain: one measure of one site, channel, goal, platform and day
-- place: 8
-- says: Persons with visits of several browsers on one day
-- numerator: persons with visits of several browsers on the day
-- denominator: persons with visits on the day
-- worse: above
-- owner: engineering
-- since: 0.2
with persons as (
  select
    organization_id, site_id, person_id, started_date,
    case when min(case when identifier like 'v:%' then identifier end)
      <> max(case when identifier like 'v:%' then identifier end) then 1 else 0 end as is_several
  from sessions
  group by organization_id, site_id, person_id, started_date
)
select
  organization_id, site_id, '' as channel, '' as goal, '' as platform, started_date as period,
  'several_browsers_rate' as measure, cast(sum(is_several) as bigint) as numerator, count(*) as denominator
from persons
group by organization_id, site_id, started_date
