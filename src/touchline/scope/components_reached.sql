-- writes: scope_components
-- reads: components_of_reached
-- grain: one component
-- The components that held one of these until now.
select distinct organization_id, component
from components_of_reached
