-- reads: daily_rollups
-- grain: one model
-- says: Models under which the same conversions stand side by side.
with compared as (
  select model
  from daily_rollups
  where organization_id = $organization_id and grain = 'ORGANIZATION' and model <> ''
  group by model
)
select case when count(*) > 1 then count(*) else 0 end as found
from compared
