-- reads: goals
-- grain: one goal
-- The goals of an organization.
select goal
from goals
where organization_id = $organization_id
order by goal
