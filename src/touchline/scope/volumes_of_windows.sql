-- writes: volumes_of_windows
-- reads: scope_blocks, health_volumes
-- grain: one volume of one site on one day
-- What the limits of the changed blocks are made of: at most the eight weeks before.
with windows as (
  select organization_id, site_id, min(block_start) - 56 as first_day, max(block_start) + 27 as last_day
  from scope_blocks
  group by organization_id, site_id
)
select
  v.organization_id as organization_id, v.site_id as site_id, v.period as period, v.measure as measure,
  v.goal as goal, v.volume as volume
from health_volumes as v
join windows as w on w.organization_id = v.organization_id and w.site_id = v.site_id
where v.period >= w.first_day and v.period <= w.last_day
