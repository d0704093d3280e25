-- writes: sessions
-- reads: session_events, tracking_events, sites
-- grain: one session of one visitor
-- A session lasts from its first to its last event; its landing is its first page view, or its first event where no page view comes at once.
with totals as (
  select
    organization_id, person_id, session_id, identifier,
    min(site_id) as site_id,
    min(session_started_at) as started_at,
    max(occurred_at) as ended_at,
    count(*) as event_count,
    sum(case when type = 'PAGE_VIEW' then 1 else 0 end) as page_view_count
  from session_events
  group by organization_id, person_id, session_id, identifier
),
landings as (
  select
    s.session_id as session_id, e.url as url, e.user_agent as user_agent, e.device_type as device_type,
    e.city as city, e.district as district
  from session_events as s
  join tracking_events as e on e.site_id = s.site_id and e.event_id = s.event_id
  where s.is_landing
)
select
  t.organization_id as organization_id,
  t.site_id as site_id,
  t.person_id as person_id,
  t.session_id as session_id,
  t.identifier as identifier,
  t.started_at as started_at,
  t.ended_at as ended_at,
  local_date(t.started_at, s.time_zone) as started_date,
  t.event_count as event_count,
  t.page_view_count as page_view_count,
  l.url as landing_url,
  l.user_agent as user_agent,
  l.device_type as device_type,
  l.city as city,
  l.district as district
from totals as t
join sites as s on s.site_id = t.site_id
join landings as l on l.session_id = t.session_id
