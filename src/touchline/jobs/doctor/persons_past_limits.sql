-- reads: crowded_persons, organizations, identities
-- grain: one person with more touches or counted conversions than one customer has
-- Whom the crowded persons are known by, the largest first.
with named as (
  select
    c.touch_count as touches, c.conversion_count as conversions,
    o.crowded_touches_per_path as touches_per_path, i.identifier as identifier,
    row_number() over (partition by c.person_id order by i.first_seen_at, i.identifier) as seniority
  from crowded_persons as c
  join organizations as o on o.organization_id = c.organization_id
  join identities as i on i.organization_id = c.organization_id and i.person_id = c.person_id
  where c.organization_id = $organization_id
)
select identifier, touches, conversions, touches_per_path
from named
where seniority = 1
order by touches + conversions desc, identifier
