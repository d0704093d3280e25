-- writes: sessions
-- reads: session_events, tracking_events, sites
-- grain: one session of one visitor
-- A session lasts from its first to its last event; its landing is its first page view, or its first event where no page view comes at once.
-- Where the landing does not say the visitor's device or place, the first event of the session that does says it; city and district are of one event.
-- What a browser calls itself says the device, too: only an event of the session's first moment is believed more.
-- The landings come first and the totals are joined to them: an engine that streams groups into joins and a sort holds all of these at once.
with totals as (
  select
    session_id,
    min(site_id) as site_id,
    min(session_started_at) as started_at,
    max(occurred_at) as ended_at,
    min(started_because) as started_because,
    count(*) as event_count,
    sum(case when type = 'PAGE_VIEW' then 1 else 0 end) as page_view_count
  from session_events
  group by session_id
),
known_devices as (
  select
    l.session_id as session_id, l.occurred_at as occurred_at, e.device_type as device_type,
    row_number() over (partition by l.session_id order by l.occurred_at, l.event_id, l.site_id) as turn
  from session_events as l
  join tracking_events as e on e.site_id = l.site_id and e.event_id = l.event_id
  where not l.is_landing and e.device_type is not null
),
known_places as (
  select
    l.session_id as session_id, e.city as city, e.district as district,
    row_number() over (partition by l.session_id order by l.occurred_at, l.event_id, l.site_id) as turn
  from session_events as l
  join tracking_events as e on e.site_id = l.site_id and e.event_id = l.event_id
  where not l.is_landing and (e.city is not null or e.district is not null)
)
select
  l.organization_id as organization_id,
  t.site_id as site_id,
  l.person_id as person_id,
  l.session_id as session_id,
  l.identifier as identifier,
  t.started_at as started_at,
  t.ended_at as ended_at,
  local_date(t.started_at, s.time_zone) as started_date,
  t.event_count as event_count,
  t.page_view_count as page_view_count,
  e.url as landing_url,
  e.user_agent as user_agent,
  coalesce(e.device_type, case when e.user_agent is null or d.occurred_at = t.started_at then d.device_type end) as device_type,
  case when e.city is null and e.district is null then p.city else e.city end as city,
  case when e.city is null and e.district is null then p.district else e.district end as district,
  t.started_because as started_because
from tracking_events as e
join session_events as l on l.site_id = e.site_id and l.event_id = e.event_id
join totals as t on t.session_id = l.session_id
join sites as s on s.site_id = t.site_id
left join known_devices as d on d.session_id = l.session_id and d.turn = 1
left join known_places as p on p.session_id = l.session_id and p.turn = 1
where l.is_landing
