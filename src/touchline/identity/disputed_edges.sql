-- writes: parts
-- reads: components, identity_pairs, identity_sightings, identifiers, organizations
-- grain: one sighting of a pair of identifiers that may join
-- What may join in components that hold several user ids or e-mail hashes: there, rules decide edge by edge.
with several as (
  select organization_id, component
  from components
  where identifier like 'u:%' or identifier like 'm:%'
  group by organization_id, component
  having sum(case when identifier like 'u:%' then 1 else 0 end) > 1
    or sum(case when identifier like 'm:%' then 1 else 0 end) > 1
),
members as (
  select c.organization_id as organization_id, c.identifier as identifier
  from components as c
  join several as s on s.organization_id = c.organization_id and s.component = c.component
),
crowded as (
  select organization_id, identifier, crowded_by
  from identifiers
  where crowded_by <> ''
),
seen as (
  select
    p.organization_id as organization_id,
    p.identifier as identifier,
    p.linked_identifier as linked_identifier,
    coalesce(s.observed_at, p.first_seen_at) as observed_at,
    coalesce(s.tier, p.tier) as tier
  from identity_pairs as p
  join members as m on m.organization_id = p.organization_id and m.identifier = p.identifier
  left join identity_sightings as s on s.organization_id = p.organization_id and s.identifier = p.identifier
    and s.linked_identifier = p.linked_identifier
  where not p.is_blocked and not p.is_separated
)
select
  e.organization_id as organization_id,
  e.identifier as identifier,
  e.linked_identifier as linked_identifier,
  e.observed_at as observed_at,
  e.tier as tier,
  o.largest_group as largest_group
from seen as e
join organizations as o on o.organization_id = e.organization_id
left join crowded as a on a.organization_id = e.organization_id and a.identifier = e.identifier
left join crowded as b on b.organization_id = e.organization_id and b.identifier = e.linked_identifier
where strpos(coalesce(a.crowded_by, ''), upper(substr(e.linked_identifier, 1, 1))) = 0
  and strpos(coalesce(b.crowded_by, ''), upper(substr(e.identifier, 1, 1))) = 0
  and (
    e.tier <> 'claimed_by_browser'
    or strpos(coalesce(a.crowded_by, ''), substr(e.linked_identifier, 1, 1)) = 0
    and strpos(coalesce(b.crowded_by, ''), substr(e.identifier, 1, 1)) = 0
  )
