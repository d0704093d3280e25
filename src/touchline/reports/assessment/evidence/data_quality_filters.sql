-- reads: conversions
-- grain: one conversion
-- says: Conversions that do not count, such as tests and cancelled orders.
select count(*) as found
from conversions
where organization_id = $organization_id and not is_counted
