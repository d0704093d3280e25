-- reads: conversions
-- grain: one organization
-- The first day of which a conversion is kept.
select min(conversion_date) as first_day
from conversions
where organization_id = $organization_id and is_counted and ($goal = '' or goal = $goal)
