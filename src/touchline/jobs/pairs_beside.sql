-- reads: identity_pairs
-- grain: one pair of identifiers
-- The pairs of the named identifiers, on either side, that do not name nobody.
select identifier, linked_identifier, is_verified
from identity_pairs
where organization_id = $organization_id
  and not is_blocked
  and (identifier in ($names) or linked_identifier in ($names))
