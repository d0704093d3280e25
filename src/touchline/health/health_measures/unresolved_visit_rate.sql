-- writes: health_measures
-- reads: touchpoints
-- grain: one measure of one site on one day
-- place: 6
-- says: Visits of browsers that nothing ties to a person
-- worse: above
-- since: 0.2
select
  organization_id, site_id, '' as channel, touch_date as period, 'unresolved_visit_rate' as measure,
  cast(sum(case when identity_tier = 'unresolved' then 1 else 0 end) as bigint) as numerator, count(*) as denominator
from touchpoints
where is_landing
group by organization_id, site_id, touch_date
