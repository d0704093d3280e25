-- reads: sessions
-- grain: one site, goal and day
-- place: 3
-- says: Sessions, of whatever source
-- owner: engineering
-- since: 0.2
select site_id, '' as goal, started_date as period, count(*) as reached
from sessions
where organization_id = $organization_id and started_date >= $start and started_date <= $end
group by site_id, started_date
order by site_id, started_date
