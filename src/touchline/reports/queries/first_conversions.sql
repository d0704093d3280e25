-- reads: conversions
-- grain: one person
-- A person's first counted conversion of the goal among all that are kept, of whatever currency and site: that of a new customer.
-- Credit of conversions' days is of persons who convert in the window; only theirs are looked for then.
with ranked as (
  select
    organization_id, conversion_id, site_id, currency, conversion_date, value_micros,
    row_number() over (partition by person_id order by occurred_at, conversion_id) as place
  from conversions
  where organization_id = $organization_id and is_counted and ($goal = '' or goal = $goal)
    and ($basis = 'TOUCH' or person_id in (
      select person_id from conversions
      where organization_id = $organization_id and conversion_date >= $start and conversion_date <= $end
    ))
)
select organization_id, conversion_id, site_id, currency, conversion_date, value_micros
from ranked
where place = 1
