-- reads: goals, conversions
-- grain: one goal
-- How often each goal was reached.
select
  g.organization_id as organization_id, g.goal as goal, g.event_type as event_type, g.event_name as event_name,
  count(c.conversion_id) as conversions,
  cast(coalesce(sum(case when c.is_counted then 1 else 0 end), 0) as bigint) as counted
from goals as g
left join conversions as c on c.organization_id = g.organization_id and c.goal = g.goal
group by g.organization_id, g.goal, g.event_type, g.event_name
order by g.organization_id, g.goal
