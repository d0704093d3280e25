-- writes: scope_closed
-- reads: scope_reached, sought_components
-- grain: one identifier
-- The reached identifiers and everything in their components: pairs that may join never leave this set.
select organization_id, identifier from scope_reached
union
select organization_id, identifier from sought_components
