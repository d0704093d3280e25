-- writes: scope_closed
-- reads: scope_reached, components_before
-- grain: one identifier
-- The reached identifiers and everything in their components: pairs that may join never leave this set.
select organization_id, identifier from scope_reached
union
select organization_id, identifier from components_before
