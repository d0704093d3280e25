-- reads: identity_claims, identity_edges, identities
-- grain: one claim
-- Which systems say that two of a person's identifiers are one, of the first hundred pairs.
with names as (
  select distinct organization_id, identifier
  from identities
  where organization_id = $organization_id and person_id = $person_id
),
shown as (
  select e.organization_id as organization_id, e.identifier as identifier, e.linked_identifier as linked_identifier
  from identity_edges as e
  join names as i on i.organization_id = e.organization_id and i.identifier = e.identifier
  order by e.first_seen_at, e.identifier, e.linked_identifier
  limit 100
)
select
  c.identifier as identifier,
  c.linked_identifier as linked_identifier,
  c.source as source,
  c.claimed_at as claimed_at
from identity_claims as c
join shown as s
  on s.organization_id = c.organization_id
  and s.identifier = c.identifier
  and s.linked_identifier = c.linked_identifier
order by c.claimed_at, c.source, c.identifier, c.linked_identifier
