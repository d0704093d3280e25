-- writes: scope_dates
-- reads: conversions, touchpoints, scope_persons
-- grain: one day of one organization
-- The days on which persons of the scope converted or were touched.
select c.organization_id as organization_id, c.conversion_date as rollup_date
from conversions as c
join scope_persons as p on p.person_id = c.person_id
union
select t.organization_id as organization_id, t.touch_date as rollup_date
from touchpoints as t
join scope_persons as p on p.person_id = t.person_id
