-- reads: session_events
-- grain: one reason for which what a visit shows brings nobody
-- How often that was so, and when for the last time.
select uncredited_because, count(*) as visits, max(cast(occurred_at as date)) as newest
from session_events
where organization_id = $organization_id and uncredited_because is not null
group by uncredited_because
order by uncredited_because
