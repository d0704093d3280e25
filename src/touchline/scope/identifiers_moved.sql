-- writes: scope_moved
-- reads: scope_identifiers, scope_touched
-- grain: one identifier
-- Identifiers that moved to another person and that no new event shows: their events have not been read yet.
select organization_id, identifier from scope_identifiers
except
select organization_id, identifier from scope_touched
