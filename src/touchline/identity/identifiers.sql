-- writes: identifiers
-- reads: tracking_events, identity_pairs, organizations
-- grain: one identifier of one organization
-- Every identifier, since when it is known, and of which kinds more is tied to it than may join: by unverified pairs (u, m, v), or by verified ones (U, M, V).
with ends as (
  select
    organization_id, linked_identifier as identifier, identifier as other, substr(identifier, 1, 1) as kind,
    first_seen_at, is_verified, is_separated
  from identity_pairs
  where not is_blocked
  union all
  select
    organization_id, identifier, linked_identifier as other, substr(linked_identifier, 1, 1) as kind,
    first_seen_at, is_verified, is_separated
  from identity_pairs
  where not is_blocked
),
seen as (
  select organization_id, identifier, occurred_at, '' as kind, 0 as is_proven, 0 as is_unproven
  from tracking_events
  union all
  select
    organization_id, identifier, first_seen_at as occurred_at, kind,
    case when is_verified and not is_separated then 1 else 0 end as is_proven,
    case when not is_verified and not is_separated then 1 else 0 end as is_unproven
  from ends
),
counted as (
  select
    organization_id, identifier, min(occurred_at) as first_seen_at,
    cast(sum(case when kind = 'u' then is_unproven else 0 end) as bigint) as unverified_users,
    cast(sum(case when kind = 'm' then is_unproven else 0 end) as bigint) as unverified_emails,
    cast(sum(case when kind = 'v' then is_unproven else 0 end) as bigint) as unverified_visitors,
    cast(sum(case when kind = 'u' then is_proven else 0 end) as bigint) as verified_users,
    cast(sum(case when kind = 'm' then is_proven else 0 end) as bigint) as verified_emails,
    cast(sum(case when kind = 'v' then is_proven else 0 end) as bigint) as verified_visitors
  from seen
  group by organization_id, identifier
),
hubs as (
  select e.organization_id as organization_id, e.identifier as identifier
  from ends as e
  join organizations as o on o.organization_id = e.organization_id
  where e.kind = 'v' and e.is_verified and not e.is_separated
  group by e.organization_id, e.identifier
  having count(*) > max(o.verified_links_per_week)
),
placed as (
  select
    e.organization_id as organization_id, e.identifier as identifier, micros(e.first_seen_at) as at_micros,
    row_number() over (
      partition by e.organization_id, e.identifier order by e.first_seen_at, e.other
    ) as place
  from ends as e
  join hubs as h on h.organization_id = e.organization_id and h.identifier = e.identifier
  where e.kind = 'v' and e.is_verified and not e.is_separated
),
bursts as (
  select distinct p.organization_id as organization_id, p.identifier as identifier
  from placed as p
  join organizations as o on o.organization_id = p.organization_id
  join placed as q on q.organization_id = p.organization_id and q.identifier = p.identifier
    and q.place = p.place - o.verified_links_per_week
  where p.at_micros - q.at_micros < 604800000000 -- seven days
)
select
  c.organization_id as organization_id,
  c.identifier as identifier,
  c.first_seen_at as first_seen_at,
  c.unverified_users as unverified_users,
  c.unverified_emails as unverified_emails,
  c.unverified_visitors as unverified_visitors,
  c.verified_users as verified_users,
  c.verified_emails as verified_emails,
  c.verified_visitors as verified_visitors,
  case when c.unverified_users > o.unverified_names then 'u' else '' end
  || case when c.unverified_emails > o.unverified_names then 'm' else '' end
  || case when c.unverified_visitors > o.unverified_links then 'v' else '' end
  || case when c.verified_users > o.verified_names then 'U' else '' end
  || case when c.verified_emails > o.verified_names then 'M' else '' end
  || case when c.verified_visitors > o.verified_links or b.identifier is not null then 'V' else '' end as crowded_by
from counted as c
join organizations as o on o.organization_id = c.organization_id
left join bursts as b on b.organization_id = c.organization_id and b.identifier = c.identifier
