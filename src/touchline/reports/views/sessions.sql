-- reads: sessions, sites, agents, touchpoints, evidence_channels
-- grain: one session
-- A session is the events of one visitor without a pause, as the settings define it; its channel is that of its landing.
with shown as (
  select
    t.session_id as session_id,
    e.source_class as source_class,
    case when ',' || t.click_id_names || ',' like '%,gclid,%' and strpos(t.click_ids, '"gclid":"') > 0
      then substr(t.click_ids, strpos(t.click_ids, '"gclid":"') + 9) end as gclid_onward,
    row_number() over (
      partition by t.session_id
      order by
        case e.source_class when 'First Click (Paid)' then 1 when 'Paid (UTM)' then 2 when 'Ads Assisted' then 3
          when 'Paid Social' then 4 when 'Organic' then 5 else 6 end,
        t.occurred_at, t.touchpoint_id
    ) as place,
    row_number() over (
      partition by t.session_id
      order by case when ',' || t.click_id_names || ',' like '%,gclid,%' then 0 else 1 end, t.occurred_at, t.touchpoint_id
    ) as click_place
  from touchpoints as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
),
strongest as (
  select
    session_id,
    max(case when place = 1 then source_class end) as attribution_source,
    max(case when click_place = 1 then substr(gclid_onward, 1, strpos(gclid_onward, '"') - 1) end) as gclid
  from shown
  group by session_id
)
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
  v.started_because as started_because,
  g.attribution_source as attribution_source,
  g.gclid as gclid,
  cast(left(cast(v.started_date as varchar), 8) || '01' as date) as created_month
from sessions as v
join sites as s on s.site_id = v.site_id
left join agents as a on a.user_agent = v.user_agent
left join strongest as g on g.session_id = v.session_id
left join touchpoints as t on t.session_id = v.session_id and t.is_landing
left join evidence_channels as e on e.evidence_id = t.evidence_id
