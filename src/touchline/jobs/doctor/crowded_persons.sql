-- reads: organizations, touchpoints, conversions, identities
-- grain: one person with more touches or counted conversions than one customer has
-- Whom the crowded persons are known by, the largest first.
with counted as (
  select organization_id, person_id, count(*) as touches, 0 as conversions
  from touchpoints
  group by organization_id, person_id
  union all
  select organization_id, person_id, 0 as touches, count(*) as conversions
  from conversions
  where is_counted
  group by organization_id, person_id
),
persons as (
  select
    organization_id, person_id,
    cast(sum(touches) as bigint) as touches,
    cast(sum(conversions) as bigint) as conversions
  from counted
  group by organization_id, person_id
),
crowded as (
  select
    p.organization_id as organization_id, p.person_id as person_id, p.touches as touches,
    p.conversions as conversions, o.crowded_touches_per_path as touches_per_path
  from persons as p
  join organizations as o on o.organization_id = p.organization_id
  where p.touches > o.crowded_touches or p.conversions > o.crowded_conversions
),
named as (
  select
    c.organization_id as organization_id, c.touches as touches, c.conversions as conversions,
    c.touches_per_path as touches_per_path, i.identifier as identifier,
    row_number() over (partition by c.person_id order by i.first_seen_at, i.identifier) as seniority
  from crowded as c
  join identities as i on i.organization_id = c.organization_id and i.person_id = c.person_id
)
select organization_id, identifier, touches, conversions, touches_per_path
from named
where seniority = 1
order by touches + conversions desc, identifier
