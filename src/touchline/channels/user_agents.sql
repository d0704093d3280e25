-- writes: agents
-- reads: touchpoints
-- grain: one user agent
-- Every user agent that made a touch.
select distinct user_agent
from touchpoints
where user_agent is not null
