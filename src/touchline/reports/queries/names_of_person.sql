-- reads: identities
-- grain: one identifier of a person
-- The names of a person, 5,000 at a time.
select
  identifier as row_key,
  identifier, min(first_seen_at) as first_seen_at
from identities
where organization_id = $organization_id
  and person_id = $person_id
  and identifier > $after
group by identifier
order by row_key
limit 5000
