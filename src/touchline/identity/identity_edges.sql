-- writes: identity_edges
-- reads: identity_pairs, identifiers, refused_pairs
-- grain: one pair of identifiers that stand together on an event, or in a claim
-- Two identifiers that stand together are one person's, unless the reason says why that is not believed.
with crowded as (
  select organization_id, identifier, crowded_by
  from identifiers
  where crowded_by <> ''
),
judged as (
  select
    p.organization_id as organization_id,
    p.identifier as identifier,
    p.linked_identifier as linked_identifier,
    p.first_seen_at as first_seen_at,
    p.event_count as event_count,
    p.claim_count as claim_count,
    p.is_verified as is_verified,
    p.tier as tier,
    p.source as source,
    case
      when p.is_separated then 'separated'
      when p.is_blocked then 'blocked_value'
      when strpos(coalesce(a.crowded_by, ''), upper(substr(p.linked_identifier, 1, 1))) > 0
        or strpos(coalesce(b.crowded_by, ''), upper(substr(p.identifier, 1, 1))) > 0 then 'too_many_verified'
      when not p.is_verified and (strpos(coalesce(a.crowded_by, ''), substr(p.linked_identifier, 1, 1)) > 0
        or strpos(coalesce(b.crowded_by, ''), substr(p.identifier, 1, 1)) > 0) then 'too_many_unverified'
      else coalesce(r.reason, '')
    end as refusal
  from identity_pairs as p
  left join crowded as a on a.organization_id = p.organization_id and a.identifier = p.identifier
  left join crowded as b on b.organization_id = p.organization_id and b.identifier = p.linked_identifier
  left join refused_pairs as r on r.organization_id = p.organization_id and r.identifier = p.identifier
    and r.linked_identifier = p.linked_identifier
)
select
  organization_id,
  identifier,
  linked_identifier,
  first_seen_at,
  event_count,
  claim_count,
  is_verified,
  refusal <> '' as is_refused,
  tier,
  source,
  case when refusal <> '' then refusal when event_count > 0 then 'same_event' else 'claim' end as reason
from judged
