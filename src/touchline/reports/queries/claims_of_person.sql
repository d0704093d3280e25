-- reads: identity_claims, identities
-- grain: one claim
-- Which systems say that two of a person's identifiers are one.
select
  c.identifier as identifier,
  c.linked_identifier as linked_identifier,
  c.source as source,
  c.claimed_at as claimed_at
from identity_claims as c
join identities as i on i.organization_id = c.organization_id and i.identifier = c.identifier
where i.organization_id = $organization_id and i.person_id = $person_id
order by c.claimed_at, c.source, c.identifier, c.linked_identifier
