-- reads: identities, identity_edges
-- grain: one person
-- How many identifiers a person has, and how many pairs tie them or were refused.
with names as (
  select distinct organization_id, identifier
  from identities
  where organization_id = $organization_id and person_id = $person_id
),
ties as (
  select organization_id, identifier, count(*) as how_many
  from identity_edges
  where organization_id = $organization_id
  group by organization_id, identifier
)
select
  count(*) as identifiers,
  cast(coalesce(sum(coalesce(t.how_many, 0)), 0) as bigint) as ties
from names as i
left join ties as t on t.organization_id = i.organization_id and t.identifier = i.identifier
