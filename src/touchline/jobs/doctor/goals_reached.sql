-- reads: goals, conversions
-- grain: one goal
-- How often each goal was reached.
select
  g.goal as goal, g.event_type as event_type, g.event_name as event_name,
  count(c.conversion_id) as conversions,
  cast(coalesce(sum(case when c.is_counted then 1 else 0 end), 0) as bigint) as counted,
  cast(coalesce(sum(case when c.is_verified then 0 when c.is_verified is null then 0 else 1 end), 0) as bigint)
    as unverified,
  g.unverified_handling as unverified_handling, g.unverified_goal as unverified_goal
from goals as g
left join conversions as c on c.organization_id = g.organization_id
  and (c.goal = g.goal or (g.unverified_handling = 'apart' and c.goal = g.unverified_goal))
where g.organization_id = $organization_id
group by g.goal, g.event_type, g.event_name, g.unverified_handling, g.unverified_goal
order by g.goal
