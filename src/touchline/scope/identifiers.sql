-- writes: scope_identifiers
-- reads: scope_touched, changed_identities, identities_before, made_identities
-- grain: one identifier
-- The touched identifiers, and those that moved to another person; all others stay as they are.
with before as (
  select
    b.organization_id as organization_id, b.identifier as identifier, b.person_id as person_id,
    b.period_number as period_number, b.valid_from as valid_from, b.valid_until as valid_until
  from identities_before as b
  join changed_identities as c on c.organization_id = b.organization_id and c.identifier = b.identifier
),
now as (
  select
    m.organization_id as organization_id, m.identifier as identifier, m.person_id as person_id,
    m.period_number as period_number, m.valid_from as valid_from, m.valid_until as valid_until
  from made_identities as m
  join changed_identities as c on c.organization_id = m.organization_id and c.identifier = m.identifier
)
select organization_id, identifier from scope_touched
union
select organization_id, identifier from (select * from before except select * from now) as gone
union
select organization_id, identifier from (select * from now except select * from before) as come
