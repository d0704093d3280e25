-- writes: scope_agents
-- reads: made_touchpoints, scope_touches_before, agents
-- grain: one user agent
-- User agents that are new, and those that no person in the scope has any more.
select distinct t.user_agent as user_agent
from made_touchpoints as t
left join agents as a on a.user_agent = t.user_agent
where t.user_agent is not null and a.user_agent is null
union
(
  select user_agent from scope_touches_before where user_agent is not null
  except
  select user_agent from made_touchpoints where user_agent is not null
)
