-- includes: booked
-- grain: one group of persons of one value of the dimension under one model
-- Conversions of the window that credit a value, and their credit, by group of persons, for drawing persons again: these are put
-- into 200 groups by their order. Values after the first ones, which have the most credit, share a place.
with persons as (
  select distinct person_id
  from booked
),
grouped as (
  select person_id, row_number() over (order by person_id) % 200 as part
  from persons
),
credited as (
  select is_unattributed, value, model, person_id, conversion_id, sum(credit) as credit
  from booked
  group by is_unattributed, value, model, person_id, conversion_id
),
sized as (
  select is_unattributed, value, sum(credit) as size
  from credited
  group by is_unattributed, value
),
ranked as (
  select is_unattributed, value, row_number() over (order by is_unattributed desc, size desc, value) as place
  from sized
  where size > 0
),
placed as (
  select
    case when place > $most_values then cast($most_values + 1 as bigint) else cast(place as bigint) end as place,
    case when place > $most_values then 1 else 0 end as is_rest,
    case when place > $most_values then '' else value end as named, is_unattributed, value
  from ranked
)
select
  p.place as place, p.is_rest as is_rest, p.is_unattributed as is_unattributed, p.named as value, c.model as model,
  cast(g.part as bigint) as part,
  cast(sum(c.credit) as bigint) as credit,
  cast(sum(case when c.credit > 0 then 1 else 0 end) as bigint) as conversions
from credited as c
join placed as p on p.is_unattributed = c.is_unattributed and p.value = c.value
join grouped as g on g.person_id = c.person_id
group by p.place, p.is_rest, p.is_unattributed, p.named, c.model, g.part
