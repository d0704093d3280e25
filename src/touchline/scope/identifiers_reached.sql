-- writes: scope_reached
-- reads: scope_touched, pairs_from_crossed, pairs_to_crossed
-- grain: one identifier
-- The touched identifiers, and every identifier paired with one that crossed a limit.
select organization_id, identifier from scope_touched
union
select organization_id, linked_identifier as identifier from pairs_from_crossed
union
select organization_id, identifier from pairs_to_crossed
