-- writes: components
-- reads: identity_edges
-- grain: one edge that joins
-- The edges that were not refused, for the solver.
select organization_id, identifier, linked_identifier
from identity_edges
where not is_refused
