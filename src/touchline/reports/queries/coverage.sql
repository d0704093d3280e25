-- reads: conversions, paths
-- grain: one population
-- Of the conversions that a report counts: how many there are, and how many have a touch that is not Direct.
with seen as (
  select conversion_id, max(case when channel = 'Direct' then 0 else 1 end) as has_other
  from paths
  where organization_id = $organization_id
  group by conversion_id
)
select count(*) as conversions, cast(coalesce(sum(s.has_other), 0) as bigint) as covered
from conversions as c
left join seen as s on s.conversion_id = c.conversion_id
where c.organization_id = $organization_id and c.is_counted and ($goal = '' or c.goal = $goal)
  and ($site_id = '' or c.site_id = $site_id) and c.conversion_date >= $start and c.conversion_date <= $end
