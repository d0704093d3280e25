-- writes: scope_agents
-- reads: touchpoints, scope_persons
-- grain: one user agent
-- The user agents that made the touches of the scope.
select distinct t.user_agent as user_agent
from touchpoints as t
join scope_persons as p on p.person_id = t.person_id
where t.user_agent is not null
