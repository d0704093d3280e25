-- reads: daily_rollups
-- grain: one organization
-- The first and the last day with a cost, a conversion, or a touch that led to one.
select min(rollup_date) as first_day, max(rollup_date) as last_day
from daily_rollups
where organization_id = $organization_id and grain = 'ORGANIZATION'
