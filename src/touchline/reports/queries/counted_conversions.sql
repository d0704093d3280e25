-- reads: conversions
-- grain: one currency
-- How many conversions count, and what they are worth.
select currency, count(*) as conversions, total(value_micros) as value_micros
from conversions
where organization_id = $organization_id and is_counted
group by currency
order by currency
