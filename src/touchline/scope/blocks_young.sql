-- writes: scope_blocks
-- reads: health_blocks, health_measures, health_measures_deltas
-- grain: one site in four weeks
-- The blocks of young series, whose limits are made of the eight weeks after as well, of which a day changed.
with changed as (
  select distinct b.organization_id as organization_id, b.site_id as site_id, b.block_start as block_start
  from health_blocks as b
  join health_measures_deltas as c on c.organization_id = b.organization_id and c.site_id = b.site_id
  where c.period > b.block_start + 27 and c.period <= b.block_start + 83
)
select distinct b.organization_id as organization_id, b.site_id as site_id, b.block_start as block_start
from changed as b
join health_measures as m on m.organization_id = b.organization_id and m.site_id = b.site_id
where m.period >= (select min(block_start) from changed) - 140
  and m.period >= b.block_start - 140 and m.period <= b.block_start + 27
group by b.organization_id, b.site_id, b.block_start, m.measure
having min(m.period) >= b.block_start - 56
