-- writes: scope_moved
-- reads: scope_identifiers, scope_touched
-- grain: one identifier
-- Those that went over to another person, and that nothing new shows: their events have not been sought yet.
select organization_id, identifier from scope_identifiers
except
select organization_id, identifier from scope_touched
