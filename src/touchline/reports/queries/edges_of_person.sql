-- reads: identity_edges, identities
-- grain: one pair of identifiers
-- The first hundred pairs: what ties a person's identifiers together, and what was not believed of them.
with names as (
  select distinct organization_id, identifier
  from identities
  where organization_id = $organization_id and person_id = $person_id
)
select
  e.identifier as identifier,
  e.linked_identifier as linked_identifier,
  e.first_seen_at as first_seen_at,
  e.event_count as event_count,
  e.claim_count as claim_count,
  e.tier as tier,
  e.source as source,
  e.is_verified as is_verified,
  e.is_refused as is_refused,
  e.reason as reason
from identity_edges as e
join names as i on i.organization_id = e.organization_id and i.identifier = e.identifier
order by e.first_seen_at, e.identifier, e.linked_identifier
limit 100
