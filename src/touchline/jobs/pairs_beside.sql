-- reads: identity_pairs, identity_sightings
-- grain: one sighting of a pair of identifiers
-- The pairs of the named identifiers, on either side, that may join; each when it was seen first, or began to differ from what was seen before.
select
  p.identifier as identifier, p.linked_identifier as linked_identifier,
  coalesce(s.observed_at, p.first_seen_at) as observed_at, coalesce(s.tier, p.tier) as tier
from identity_pairs as p
left join identity_sightings as s on s.organization_id = p.organization_id and s.identifier = p.identifier
  and s.linked_identifier = p.linked_identifier
where p.organization_id = $organization_id
  and not p.is_blocked and not p.is_separated
  and (p.identifier in ($names) or p.linked_identifier in ($names))
