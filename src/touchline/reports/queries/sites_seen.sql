-- reads: sessions
-- grain: one site
-- The first and the last visit of each site, and how many there were.
select site_id, min(started_at) as first_seen_at, max(ended_at) as last_seen_at, count(*) as visits
from sessions
where organization_id = $organization_id
group by site_id
order by site_id
