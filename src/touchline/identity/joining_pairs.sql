-- writes: components
-- reads: identity_pairs, identifiers
-- grain: one pair of identifiers that may join
-- The pairs whose two identifiers are within their limits, of which unverified pairs have more; pairs of values that name nobody, and separated ones, are not.
with crowded as (
  select organization_id, identifier, crowded_by
  from identifiers
  where crowded_by <> ''
)
select
  p.organization_id as organization_id,
  p.identifier as identifier,
  p.linked_identifier as linked_identifier
from identity_pairs as p
left join crowded as a on a.organization_id = p.organization_id and a.identifier = p.identifier
left join crowded as b on b.organization_id = p.organization_id and b.identifier = p.linked_identifier
where not p.is_blocked and not p.is_separated
  and strpos(coalesce(a.crowded_by, ''), upper(substr(p.linked_identifier, 1, 1))) = 0
  and strpos(coalesce(b.crowded_by, ''), upper(substr(p.identifier, 1, 1))) = 0
  and (
    p.is_verified
    or strpos(coalesce(a.crowded_by, ''), substr(p.linked_identifier, 1, 1)) = 0
    and strpos(coalesce(b.crowded_by, ''), substr(p.identifier, 1, 1)) = 0
  )
