-- reads: conversions
-- includes: first_conversions
-- grain: one day
-- Persons whose first conversion of all that are kept was on this day, and what that conversion was worth.
select conversion_date as day, count(*) as new_customers, total(value_micros) as new_value_micros
from first_conversions
where organization_id = $organization_id and currency = $currency and $site_id in ('', site_id)
  and conversion_date >= $start and conversion_date <= $end
group by conversion_date
order by conversion_date
