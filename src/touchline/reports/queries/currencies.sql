-- reads: daily_rollups
-- grain: one currency
-- The currencies in which an organization spent or earned.
select distinct currency
from daily_rollups
where organization_id = $organization_id and basis = 'CONVERSION' and grain = 'ORGANIZATION'
