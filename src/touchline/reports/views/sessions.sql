-- reads: sessions, sites, agents, touchpoints, evidence_channels
-- grain: one session
-- A session is the events of one visitor without a pause, as the settings define it; its channel is that of its landing.
select
  v.organization_id as organization_id,
  v.site_id as site_id,
  v.session_id as session_id,
  v.person_id as person_id,
  v.started_date as date,
  local_time(v.started_at, s.time_zone) as started_at,
  local_time(v.ended_at, s.time_zone) as ended_at,
  v.started_at as started_at_utc,
  v.ended_at as ended_at_utc,
  v.event_count as event_count,
  v.page_view_count as page_view_count,
  v.landing_url as landing_url,
  coalesce(v.device_type, a.device_type) as device_type,
  v.city as city,
  v.district as district,
  e.channel as channel,
  e.source_class as source_class,
  nullif(e.platform, '') as platform,
  v.started_because as started_because
from sessions as v
join sites as s on s.site_id = v.site_id
left join agents as a on a.user_agent = v.user_agent
left join touchpoints as t on t.session_id = v.session_id and t.is_landing
left join evidence_channels as e on e.evidence_id = t.evidence_id
