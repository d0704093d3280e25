-- writes: health_blocks
-- reads: health_volumes
-- grain: one site in four weeks
-- The four weeks, from a Monday, in which a site had any event of a visit; they are the same for all sites.
select distinct
  organization_id, site_id,
  period - cast((days_between(period, date '1970-01-05') % 28 + 28) % 28 as integer) as block_start
from health_volumes
