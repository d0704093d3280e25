-- writes: identity_edges
-- reads: tracking_events, blocked_identifiers
-- grain: one pair of identifiers seen on one event
-- An event's own identifier and each further identifier that it names belong to one person, unless the value is refused.
with named as (
  select
    organization_id, identifier, occurred_at,
    lower(trim(user_id)) as named_value,
    'u:' || user_id as linked_identifier
  from tracking_events
  where user_id is not null
  union all
  select
    organization_id, identifier, occurred_at,
    lower(trim(email_hash)) as named_value,
    'm:' || email_hash as linked_identifier
  from tracking_events
  where email_hash is not null
)
select
  n.organization_id as organization_id,
  n.identifier as identifier,
  n.linked_identifier as linked_identifier,
  min(n.occurred_at) as first_seen_at,
  count(*) as event_count,
  max(case when b.named_value is null then 0 else 1 end) = 1 as is_refused,
  max(case when b.named_value is null then 'same_event' else 'blocked_value' end) as reason
from named as n
left join blocked_identifiers as b on b.named_value = n.named_value
where n.identifier <> n.linked_identifier
group by n.organization_id, n.identifier, n.linked_identifier
