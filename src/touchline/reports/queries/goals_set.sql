-- reads: goals
-- grain: one goal, or the unverified conversions of one that are reported apart
-- The goals of an organization.
select goal
from goals
where organization_id = $organization_id
union all
select unverified_goal as goal
from goals
where organization_id = $organization_id and unverified_handling = 'apart'
order by goal
