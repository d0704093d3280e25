-- writes: scope_closed
-- reads: scope_reached, sought_components
-- grain: one identifier
-- Those that were reached and all that hung together with one of them: pairs that may join never leave this set.
select organization_id, identifier from scope_reached
union
select organization_id, identifier from sought_components
