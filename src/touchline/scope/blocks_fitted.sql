-- writes: scope_blocks
-- reads: health_blocks_known, fits, fit_values, health_limits
-- grain: one site in four weeks
-- All blocks of the sites of which a day is held against the limits of a fit, or was.
with fitted as (
  select f.organization_id as organization_id, v.site_id as site_id
  from fits as f
  join fit_values as v on v.fit_id = f.fit_id
  where f.kind = 'PROCESS_LIMITS'
  union
  select organization_id, site_id
  from health_limits
  where fit_id <> ''
)
select b.organization_id as organization_id, b.site_id as site_id, b.block_start as block_start
from health_blocks_known as b
join fitted as f on f.organization_id = b.organization_id and f.site_id = b.site_id
