-- writes: health_volumes
-- reads: conversions
-- grain: one volume of one site on one day
-- place: 2
-- says: Conversions that count, of each goal
-- owner: engineering
-- since: 0.1
select
  organization_id, site_id, conversion_date as period, 'conversions' as measure, goal, count(*) as volume
from conversions
where is_counted
group by organization_id, site_id, conversion_date, goal
