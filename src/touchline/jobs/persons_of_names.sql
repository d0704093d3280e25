-- reads: identities
-- grain: one person
-- The persons of the named identifiers.
select distinct person_id
from identities
where organization_id = $organization_id and identifier in ($names)
order by person_id
