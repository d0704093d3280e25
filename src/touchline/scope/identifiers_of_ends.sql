-- writes: scope_ends
-- reads: scope_closed, pairs_of_closed
-- grain: one identifier
-- The set, and those past a limit that stand beside it.
select organization_id, identifier from scope_closed
union
select organization_id, linked_identifier as identifier from pairs_of_closed
