-- reads: identities
-- grain: one identifier
-- The first hundred names that a person is known by.
select identifier
from identities
where organization_id = $organization_id and person_id = $person_id
order by first_seen_at, identifier
limit 100
