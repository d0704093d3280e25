-- writes: health_measures
-- reads: conversions, paths, touchpoints
-- grain: one measure of one site, channel, goal, platform and day
-- place: 16
-- says: Conversions whose newest click id was older than 30 days
-- numerator: counted conversions whose newest click id is older than 30 days
-- denominator: counted conversions with a click id on their path
-- worse: above
-- judged: never, long journeys are no fault
-- owner: marketing
-- slices: goal
-- since: 0.2
with clicked as (
  select p.conversion_id as conversion_id, min(p.age_micros) as newest_micros
  from paths as p
  join touchpoints as t on t.touchpoint_id = p.touchpoint_id
  where t.click_id_names is not null
  group by p.conversion_id
)
select
  c.organization_id as organization_id, c.site_id as site_id, '' as channel, c.goal as goal, '' as platform,
  c.conversion_date as period, 'old_click_rate' as measure,
  cast(sum(case when k.newest_micros > 30 * 86400000000 then 1 else 0 end) as bigint) as numerator,
  count(*) as denominator
from conversions as c
join clicked as k on k.conversion_id = c.conversion_id
where c.is_counted
group by c.organization_id, c.site_id, c.goal, c.conversion_date
