-- writes: health_volumes
-- reads: touchpoints
-- grain: one volume of one site on one day
-- place: 1
-- says: Landings
-- owner: engineering
-- since: 0.1
select
  organization_id, site_id, touch_date as period, 'landings' as measure, '' as goal, count(*) as volume
from touchpoints
where is_landing
group by organization_id, site_id, touch_date
