-- writes: touchpoints
-- reads: session_events, tracking_events, sites
-- grain: one landing, or one new evidence of a source inside a session
-- The first page view of a session is a touchpoint whatever it shows (Direct is kept as such); a later one if it brings new evidence.
with page_views as (
  select
    *,
    row_number() over (partition by session_id order by occurred_at, event_id, site_id) as page_number
  from session_events
  where type = 'PAGE_VIEW'
),
shown as (
  select
    *,
    row_number() over (
      partition by session_id, evidence order by occurred_at, event_id, site_id
    ) as evidence_number
  from page_views
  where page_number = 1 or evidence is not null
),
touches as (
  select
    s.organization_id as organization_id,
    s.person_id as person_id,
    s.session_id as session_id,
    s.session_started_at as session_started_at,
    s.page_number as page_number,
    s.referrer_host as referrer_host,
    s.evidence as evidence,
    e.site_id as site_id,
    e.event_id as event_id,
    e.occurred_at as occurred_at,
    e.account_id as account_id,
    e.url as url,
    e.utm_source as utm_source,
    e.utm_medium as utm_medium,
    e.utm_campaign as utm_campaign,
    e.utm_term as utm_term,
    e.utm_content as utm_content,
    e.utm_id as utm_id,
    e.click_id_names as click_id_names,
    e.campaign_ref as campaign_ref,
    e.adset_ref as adset_ref,
    e.ad_ref as ad_ref,
    e.user_agent as user_agent
  from shown as s
  join tracking_events as e on e.site_id = s.site_id and e.event_id = s.event_id
  where s.page_number = 1 or s.evidence_number = 1
),
clicks as (
  select person_id, min(occurred_at) as first_click_at
  from touches
  where ',' || click_id_names || ',' like '%,gclid,%'
  group by person_id
)
select
  t.organization_id as organization_id,
  t.site_id as site_id,
  t.person_id as person_id,
  t.site_id || ':' || t.event_id as touchpoint_id,
  t.session_id as session_id,
  md5(
    coalesce(t.evidence, '') || case when c.first_click_at < t.session_started_at then '|past_click' else '|' end
  ) as evidence_id,
  t.occurred_at as occurred_at,
  local_date(t.occurred_at, s.time_zone) as touch_date,
  t.page_number = 1 as is_landing,
  coalesce(c.first_click_at < t.session_started_at, false) as has_past_click,
  t.account_id as account_id,
  t.url as landing_url,
  t.referrer_host as referrer_host,
  t.utm_source as utm_source,
  t.utm_medium as utm_medium,
  t.utm_campaign as utm_campaign,
  t.utm_term as utm_term,
  t.utm_content as utm_content,
  t.utm_id as utm_id,
  t.click_id_names as click_id_names,
  t.campaign_ref as campaign_ref,
  t.adset_ref as adset_ref,
  t.ad_ref as ad_ref,
  t.user_agent as user_agent
from touches as t
join sites as s on s.site_id = t.site_id
left join clicks as c on c.person_id = t.person_id
