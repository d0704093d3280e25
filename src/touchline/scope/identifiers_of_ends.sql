-- writes: scope_ends
-- reads: scope_closed, pairs_of_closed
-- grain: one identifier
-- The closed set, and the identifiers past a limit that share a pair with it.
select organization_id, identifier from scope_closed
union
select organization_id, linked_identifier as identifier from pairs_of_closed
