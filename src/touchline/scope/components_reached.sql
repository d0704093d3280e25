-- writes: scope_components
-- reads: components_of_reached
-- grain: one component
-- The components that the reached identifiers belonged to before this run.
select distinct organization_id, component
from components_of_reached
