-- writes: scope_blocks
-- reads: health_blocks_known, health_measures_deltas, health_volumes_deltas
-- grain: one site in four weeks
-- The blocks whose own days, or days before, changed: their limits are made of 20 weeks before and of themselves.
with changes as (
  select organization_id, site_id, period from health_measures_deltas
  union
  select organization_id, site_id, period from health_volumes_deltas
)
select distinct b.organization_id as organization_id, b.site_id as site_id, b.block_start as block_start
from health_blocks_known as b
join changes as c on c.organization_id = b.organization_id and c.site_id = b.site_id
where c.period >= b.block_start - 140 and c.period <= b.block_start + 27
