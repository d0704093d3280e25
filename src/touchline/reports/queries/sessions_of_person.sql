-- reads: sessions
-- grain: one session of a person
-- The sessions of a person, 5,000 at a time.
select
  session_id as row_key,
  site_id, identifier, started_at, ended_at, event_count, page_view_count, landing_url, user_agent, device_type, city, district
from sessions
where organization_id = $organization_id
  and person_id = $person_id
  and session_id > $after
order by row_key
limit 5000
