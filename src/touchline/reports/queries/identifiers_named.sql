-- reads: identities
-- grain: one identifier
-- The identifiers that bear a name: a person's id, an identifier, or the id inside one.
select distinct identifier, person_id
from identities
where organization_id = $organization_id
  and (person_id = $named or identifier = $named or right(identifier, $length) = $ending)
order by person_id, identifier
limit 1000
