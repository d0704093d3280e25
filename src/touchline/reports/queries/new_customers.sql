-- reads: conversions
-- grain: one day
-- Persons whose first conversion of all that are kept was on this day, and what that conversion was worth.
with ranked as (
  select
    site_id, currency, conversion_date, value_micros,
    row_number() over (partition by person_id order by occurred_at, conversion_id) as place
  from conversions
  where organization_id = $organization_id and is_counted and ($goal = '' or goal = $goal)
)
select conversion_date as day, count(*) as new_customers, total(value_micros) as new_value_micros
from ranked
where place = 1 and currency = $currency and $site_id in ('', site_id)
  and conversion_date >= $start and conversion_date <= $end
group by conversion_date
order by conversion_date
