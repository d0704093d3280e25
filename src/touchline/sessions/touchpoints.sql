-- writes: touchpoints
-- reads: session_events, sites
-- grain: one landing, or one new evidence of a source inside a session
-- The first page view of a session is a touchpoint whatever it shows (Direct is kept as such); a later one if it brings new evidence.
with page_views as (
  select
    *,
    case when utm_source is null and utm_medium is null and utm_campaign is null and click_id_names is null
      and referrer_host is null then 0 else 1 end as has_evidence,
    coalesce(utm_source, '') || '|' || coalesce(utm_medium, '') || '|' || coalesce(lower(utm_campaign), '') || '|'
      || coalesce(click_id_names, '') || '|' || coalesce(referrer_host, '') as evidence
  from session_events
  where type = 'PAGE_VIEW'
),
numbered as (
  select
    *,
    row_number() over (partition by session_id order by occurred_at, event_id, site_id) as page_number,
    row_number() over (partition by session_id, evidence order by occurred_at, event_id, site_id) as evidence_number
  from page_views
),
touches as (
  select
    *,
    min(case when ',' || click_id_names || ',' like '%,gclid,%' then occurred_at end) over (
      partition by person_id
    ) as first_click_at
  from numbered
  where page_number = 1 or (has_evidence = 1 and evidence_number = 1)
),
flagged as (
  select *, coalesce(first_click_at < session_started_at, false) as has_past_click
  from touches
)
select
  f.organization_id as organization_id,
  f.site_id as site_id,
  f.person_id as person_id,
  f.site_id || ':' || f.event_id as touchpoint_id,
  f.session_id as session_id,
  md5(f.evidence || case when f.has_past_click then '|past_click' else '|' end) as evidence_id,
  f.occurred_at as occurred_at,
  local_date(f.occurred_at, s.time_zone) as touch_date,
  f.page_number = 1 as is_landing,
  f.has_past_click as has_past_click,
  f.account_id as account_id,
  f.url as landing_url,
  f.referrer_host as referrer_host,
  f.utm_source as utm_source,
  f.utm_medium as utm_medium,
  f.utm_campaign as utm_campaign,
  f.utm_term as utm_term,
  f.utm_content as utm_content,
  f.utm_id as utm_id,
  f.click_id_names as click_id_names,
  f.campaign_ref as campaign_ref,
  f.adset_ref as adset_ref,
  f.ad_ref as ad_ref,
  f.user_agent as user_agent
from flagged as f
join sites as s on s.site_id = f.site_id
