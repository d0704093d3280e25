-- writes: health_limits
-- reads: health_blocks
-- grain: one site in four weeks
-- The blocks of days whose limits are to be made.
select organization_id, site_id, block_start
from health_blocks
order by organization_id, site_id, block_start
