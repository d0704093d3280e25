-- writes: pairs_of_others
-- reads: sought_pairs, scope_touched
-- grain: one pair whose second identifier alone is touched
-- Stored pairs that lead to a touched identifier, and that this run has not just written.
select
  p.organization_id as organization_id,
  p.identifier as identifier,
  p.linked_identifier as linked_identifier,
  p.first_seen_at as first_seen_at,
  p.event_count as event_count,
  p.claim_count as claim_count,
  p.is_verified as is_verified,
  p.is_blocked as is_blocked,
  p.is_separated as is_separated,
  p.tier as tier,
  p.source as source
from sought_pairs as p
left join scope_touched as t on t.organization_id = p.organization_id and t.identifier = p.identifier
where t.identifier is null
