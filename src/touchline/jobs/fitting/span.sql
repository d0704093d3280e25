-- reads: conversions, touchpoints
-- grain: one organization
-- The newest day with a conversion or a touch.
select max(day) as newest
from (
  select max(conversion_date) as day from conversions where organization_id = $organization_id
  union all
  select max(touch_date) as day from touchpoints where organization_id = $organization_id
) as days
