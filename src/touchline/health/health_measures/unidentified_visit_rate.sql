-- writes: health_measures
-- reads: sessions
-- grain: one measure of one site, channel, goal, platform and day
-- place: 20
-- says: Visits without the id of a browser or a person
-- numerator: visits whose events have no id of a browser or a person
-- denominator: visits
-- worse: above
-- owner: engineering
-- since: 0.2
select
  organization_id, site_id, '' as channel, '' as goal, '' as platform, started_date as period,
  'unidentified_visit_rate' as measure,
  cast(sum(case when identifier like 'e:%' then 1 else 0 end) as bigint) as numerator, count(*) as denominator
from sessions
group by organization_id, site_id, started_date
