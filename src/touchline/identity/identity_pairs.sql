-- writes: identity_pairs
-- reads: tracking_events, identity_claims, blocked_identifiers
-- grain: one pair of identifiers that stand together on an event, or in a claim
-- What events and claims show of two identifiers together: how often, since when, and whether anybody can be held to it.
with named as (
  select
    organization_id, identifier,
    'u:' || user_id as linked_identifier,
    occurred_at, 1 as is_event,
    case when is_verified then 1 else 0 end as is_proof,
    lower(trim(user_id)) as named_value,
    lower(trim(user_id)) as other_value
  from tracking_events
  where user_id is not null
  union all
  select
    organization_id, identifier,
    'm:' || email_hash as linked_identifier,
    occurred_at, 1 as is_event,
    case when is_verified then 1 else 0 end as is_proof,
    lower(trim(email_hash)) as named_value,
    lower(trim(email_hash)) as other_value
  from tracking_events
  where email_hash is not null
  union all
  select
    organization_id, identifier, linked_identifier,
    claimed_at as occurred_at, 0 as is_event, 1 as is_proof,
    lower(trim(substr(
      identifier, case when identifier like 'v:%' then strpos(substr(identifier, 3), ':') + 3 else 3 end
    ))) as named_value,
    lower(trim(substr(
      linked_identifier, case when linked_identifier like 'v:%' then strpos(substr(linked_identifier, 3), ':') + 3 else 3 end
    ))) as other_value
  from identity_claims
),
screened as (
  select
    n.organization_id as organization_id,
    n.identifier as identifier,
    n.linked_identifier as linked_identifier,
    n.occurred_at as occurred_at,
    n.is_event as is_event,
    n.is_proof as is_proof,
    case when b.named_value is null and o.named_value is null then 0 else 1 end as is_blocked
  from named as n
  left join blocked_identifiers as b on b.named_value = n.named_value
  left join blocked_identifiers as o on o.named_value = n.other_value
  where n.identifier <> n.linked_identifier
)
select
  organization_id,
  identifier,
  linked_identifier,
  min(occurred_at) as first_seen_at,
  sum(is_event) as event_count,
  sum(1 - is_event) as claim_count,
  max(is_proof) = 1 as is_verified,
  max(is_blocked) = 1 as is_blocked
from screened
group by organization_id, identifier, linked_identifier
