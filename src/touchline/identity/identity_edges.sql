-- writes: identity_edges
-- reads: identity_pairs, identifiers, refused_pairs
-- grain: one pair of identifiers that stand together on an event, or in a claim
-- Two identifiers that stand together are one person's, unless the reason says why that is not believed.
-- An e-mail address that nobody confirmed, and with which all that is verified shows one and the same user id, is of a single candidate.
-- A pair that cannot join keeps its tier: what speaks for a candidate may be in another component, which a run need not see.
with crowded as (
  select organization_id, identifier, crowded_by
  from identifiers
  where crowded_by <> ''
),
believable as (
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
),
judged as (
  select *, refusal not in ('separated', 'blocked_value', 'too_many_verified', 'too_many_unverified') as is_possible
  from believable
),
doubtful as (
  select organization_id, linked_identifier as address
  from judged
  where tier = 'email_unvalidated' and is_possible
  group by organization_id, linked_identifier
),
naming as (
  select j.organization_id as organization_id, j.identifier as identifier, d.address as address
  from judged as j
  join doubtful as d on d.organization_id = j.organization_id and d.address = j.linked_identifier
  where j.is_verified and j.is_possible
),
known_users as (
  select
    j.organization_id as organization_id, j.identifier as identifier,
    min(j.linked_identifier) as first_user, max(j.linked_identifier) as last_user
  from judged as j
  where j.is_verified and j.is_possible and j.linked_identifier like 'u:%'
  group by j.organization_id, j.identifier
),
candidates as (
  select organization_id, address, identifier as first_user, identifier as last_user
  from naming
  where identifier like 'u:%'
  union all
  select n.organization_id as organization_id, n.address as address, k.first_user as first_user, k.last_user as last_user
  from naming as n
  join known_users as k on k.organization_id = n.organization_id and k.identifier = n.identifier
  union all
  select d.organization_id as organization_id, d.address as address, k.first_user as first_user, k.last_user as last_user
  from doubtful as d
  join known_users as k on k.organization_id = d.organization_id and k.identifier = d.address
),
single_ones as (
  select organization_id, address
  from candidates
  group by organization_id, address
  having min(first_user) = max(last_user)
)
select
  j.organization_id as organization_id,
  j.identifier as identifier,
  j.linked_identifier as linked_identifier,
  j.first_seen_at as first_seen_at,
  j.event_count as event_count,
  j.claim_count as claim_count,
  j.is_verified as is_verified,
  j.refusal <> '' as is_refused,
  case when j.tier = 'email_unvalidated' and j.is_possible and s.address is not null then 'single_candidate' else j.tier end as tier,
  j.source as source,
  case when j.refusal <> '' then j.refusal when j.event_count > 0 then 'same_event' else 'claim' end as reason
from judged as j
left join single_ones as s on s.organization_id = j.organization_id and s.address = j.linked_identifier
