-- reads: identities
-- grain: one identifier
-- The first hundred names that a person is known by.
with names as (
  select identifier, min(first_seen_at) as known_since
  from identities
  where organization_id = $organization_id and person_id = $person_id
  group by identifier
)
select identifier
from names
order by known_since, identifier
limit 100
