-- writes: health_volumes
-- reads: sessions
-- grain: one volume of one site on one day
-- place: 3
-- says: Events of visits, by the day on which the visit began
-- judged: never, landings and conversions are
-- owner: engineering
-- since: 0.2
select
  organization_id, site_id, started_date as period, 'events' as measure, '' as goal,
  cast(sum(event_count) as bigint) as volume
from sessions
group by organization_id, site_id, started_date
