-- reads: conversions
-- grain: one order id
-- Order ids that begin alike.
select distinct order_id
from conversions
where organization_id = $organization_id and lower(substr(order_id, 1, $length)) = $beginning
order by order_id
limit 1000
