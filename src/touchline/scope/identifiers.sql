-- writes: scope_identifiers
-- reads: scope_touched, identities_before, made_identities
-- grain: one identifier
-- The touched identifiers, and those that moved to another person; all others stay as they are.
with before as (
  select organization_id, identifier, person_id, period_number, valid_from, valid_until from identities_before
),
now as (
  select organization_id, identifier, person_id, period_number, valid_from, valid_until from made_identities
)
select organization_id, identifier from scope_touched
union
select organization_id, identifier from (select * from before except select * from now) as gone
union
select organization_id, identifier from (select * from now except select * from before) as come
