-- writes: identities
-- reads: tracking_events, identity_edges, components
-- grain: one identifier of one organization
-- Every identifier belongs to the person named after the identifier of its component that was seen first.
with seen as (
  select organization_id, identifier, min(occurred_at) as first_seen_at
  from tracking_events
  group by organization_id, identifier
),
linked as (
  select organization_id, linked_identifier as identifier, first_seen_at
  from identity_edges
  where not is_refused
  union all
  select organization_id, identifier, first_seen_at
  from identity_edges
  where not is_refused and claim_count > 0
),
nodes as (
  select organization_id, identifier, min(first_seen_at) as first_seen_at
  from (select * from seen union all select * from linked) as either
  group by organization_id, identifier
),
placed as (
  select
    n.organization_id as organization_id,
    n.identifier as identifier,
    n.first_seen_at as first_seen_at,
    coalesce(c.component, n.identifier) as component
  from nodes as n
  left join components as c on c.organization_id = n.organization_id and c.identifier = n.identifier
),
ranked as (
  select
    *,
    row_number() over (partition by organization_id, component order by first_seen_at, identifier) as seniority
  from placed
),
persons as (
  select organization_id, component, md5(organization_id || ' ' || identifier) as person_id
  from ranked
  where seniority = 1
)
select
  p.organization_id as organization_id,
  p.identifier as identifier,
  o.person_id as person_id,
  p.first_seen_at as first_seen_at
from placed as p
join persons as o on o.organization_id = p.organization_id and o.component = p.component
