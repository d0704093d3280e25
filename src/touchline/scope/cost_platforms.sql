-- writes: scope_cost_platforms
-- reads: scope_cost_days
-- grain: one ad platform of one organization
-- The ad platforms whose costs changed.
select distinct organization_id, platform
from scope_cost_days
