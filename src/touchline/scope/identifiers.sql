-- writes: scope_identifiers
-- reads: scope_touched, identities_before
-- grain: one identifier
-- The touched identifiers and all others of the persons that held one: edges never leave this set.
select organization_id, identifier from scope_touched
union
select organization_id, identifier from identities_before
