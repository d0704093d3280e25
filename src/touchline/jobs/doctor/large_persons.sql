-- reads: identities
-- grain: one of the three persons with the most browsers
-- How many browsers they have, and what they are known by: a user id where they have one.
with browsers as (
  select person_id, identifier
  from identities
  where organization_id = $organization_id and identifier like 'v:%'
  group by person_id, identifier
),
counted as (
  select person_id, count(*) as browsers
  from browsers
  group by person_id
),
largest as (
  select person_id, browsers, row_number() over (order by browsers desc, person_id) as place
  from counted
),
named as (
  select
    l.place as place, l.browsers as browsers, i.identifier as identifier,
    row_number() over (
      partition by l.person_id
      order by case when i.identifier like 'u:%' then 0 else 1 end, i.first_seen_at, i.identifier
    ) as seniority
  from largest as l
  join identities as i on i.person_id = l.person_id
  where l.place <= 3 and i.organization_id = $organization_id
)
select identifier, browsers
from named
where seniority = 1
order by place
