-- reads: daily_rollups
-- grain: one organization
-- The first and the last day with a cost or a conversion.
select min(rollup_date) as first_day, max(rollup_date) as last_day
from daily_rollups
where organization_id = $organization_id and basis = 'CONVERSION' and grain = 'ORGANIZATION'
