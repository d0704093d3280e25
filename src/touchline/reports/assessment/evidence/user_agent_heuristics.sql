-- reads: touchpoints, agents
-- grain: one touch
-- says: Touches whose device the user agent tells.
select count(*) as found
from touchpoints as t
join agents as a on a.user_agent = t.user_agent
where t.organization_id = $organization_id and a.device_type <> ''
