-- writes: identifiers
-- reads: tracking_events, identity_pairs, organizations
-- grain: one identifier of one organization
-- Every identifier, since when it is known, and of which kinds (u, m, v) unverified events tie more to it than may join.
with seen as (
  select organization_id, identifier, occurred_at, 0 as users, 0 as emails, 0 as visitors
  from tracking_events
  union all
  select
    organization_id, linked_identifier as identifier, first_seen_at as occurred_at,
    case when not is_verified and not is_separated and identifier like 'u:%' then 1 else 0 end as users,
    case when not is_verified and not is_separated and identifier like 'm:%' then 1 else 0 end as emails,
    case when not is_verified and not is_separated and identifier like 'v:%' then 1 else 0 end as visitors
  from identity_pairs
  where not is_blocked
  union all
  select
    organization_id, identifier, first_seen_at as occurred_at,
    case when not is_verified and not is_separated and linked_identifier like 'u:%' then 1 else 0 end as users,
    case when not is_verified and not is_separated and linked_identifier like 'm:%' then 1 else 0 end as emails,
    case when not is_verified and not is_separated and linked_identifier like 'v:%' then 1 else 0 end as visitors
  from identity_pairs
  where not is_blocked
),
counted as (
  select
    organization_id, identifier, min(occurred_at) as first_seen_at,
    cast(sum(users) as bigint) as unverified_users,
    cast(sum(emails) as bigint) as unverified_emails,
    cast(sum(visitors) as bigint) as unverified_visitors
  from seen
  group by organization_id, identifier
)
select
  c.organization_id as organization_id,
  c.identifier as identifier,
  c.first_seen_at as first_seen_at,
  c.unverified_users as unverified_users,
  c.unverified_emails as unverified_emails,
  c.unverified_visitors as unverified_visitors,
  case when c.unverified_users > o.unverified_names then 'u' else '' end
  || case when c.unverified_emails > o.unverified_names then 'm' else '' end
  || case when c.unverified_visitors > o.unverified_links then 'v' else '' end as crowded_by
from counted as c
join organizations as o on o.organization_id = c.organization_id
