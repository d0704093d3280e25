-- writes: scope_blocks
-- reads: scope_health_sites, health_blocks_known, health_volumes, health_volumes_deltas
-- grain: one site in four weeks
-- The blocks of changed sites from the newest day on that did not change: which day is the newest decides how volumes are judged.
with standing as (
  select v.organization_id as organization_id, v.site_id as site_id, max(v.period) as newest
  from health_volumes as v
  left join health_volumes_deltas as d on d.organization_id = v.organization_id and d.site_id = v.site_id
    and d.period = v.period and d.measure = v.measure and d.goal = v.goal
  where v.measure in ('landings', 'conversions') and d.period is null
  group by v.organization_id, v.site_id
)
select b.organization_id as organization_id, b.site_id as site_id, b.block_start as block_start
from health_blocks_known as b
join scope_health_sites as c on c.organization_id = b.organization_id and c.site_id = b.site_id
left join standing as s on s.organization_id = b.organization_id and s.site_id = b.site_id
where s.newest is null or b.block_start + 27 >= s.newest
