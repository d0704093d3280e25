-- writes: touchpoints
-- reads: source_hits, session_events, tracking_events, sites, conversions, organizations, app_browsers, identities
-- grain: one landing, or one new evidence of a source inside a session
-- Where nothing else tells, the app tells whose browser opened the page.
-- A landing is a touchpoint whatever it shows (Direct is kept as such), another event of a visit if its source is new in the session and not weaker than those before it.
-- A touchpoint has the place and the time of its first hit, and what its richest hit shows; what that one lacks is of the other hits of its click.
-- It has the tier of its browser, and is claimed if only a page says that the browser is of a person whom something better shows.
with tied as (
  select distinct organization_id, identifier, tier
  from identities
),
proven as (
  select distinct person_id
  from identities
  where tier <> 'claimed_by_browser' and tier <> 'unresolved'
),
standing as (
  select
    v.organization_id as organization_id,
    v.person_id as person_id,
    v.session_id as session_id,
    v.session_started_at as session_started_at,
    v.is_landing as is_landing,
    v.is_own_link as is_own_link,
    i.tier as identity_tier,
    i.tier = 'claimed_by_browser' and p.person_id is not null as is_claimed,
    v.site_id as site_id,
    v.event_id as event_id,
    v.occurred_at as occurred_at,
    coalesce(h.rich_site_id, v.site_id) as rich_site_id,
    coalesce(h.rich_event_id, v.event_id) as rich_event_id,
    case when h.outcome is null then v.referrer_host else h.referrer_host end as referrer_host,
    h.utm_term as utm_term,
    h.utm_content as utm_content,
    h.utm_id as utm_id,
    h.campaign_ref as campaign_ref,
    h.adset_ref as adset_ref,
    h.ad_ref as ad_ref,
    case when coalesce(h.has_marks, v.marks is not null) then 1 else 0 end as has_marks
  from session_events as v
  join tied as i on i.organization_id = v.organization_id and i.identifier = v.identifier
  left join proven as p on p.person_id = v.person_id
  left join source_hits as h on h.site_id = v.site_id and h.event_id = v.event_id
  where h.outcome = 'touch' or (v.is_landing and h.outcome is null)
),
touches as (
  select
    s.organization_id as organization_id,
    s.person_id as person_id,
    s.session_id as session_id,
    s.session_started_at as session_started_at,
    s.is_landing as is_landing,
    s.identity_tier as identity_tier,
    s.is_claimed as is_claimed,
    s.referrer_host as referrer_host,
    case when s.has_marks = 0 and s.referrer_host is null then ''
      when s.has_marks = 0 then '||||' || s.referrer_host
      else coalesce(replace(replace(e.utm_source, '%', '%25'), '|', '%7C'), '') || '|'
        || coalesce(replace(replace(e.utm_medium, '%', '%25'), '|', '%7C'), '') || '|'
        || coalesce(replace(replace(lower(e.utm_campaign), '%', '%25'), '|', '%7C'), '') || '|'
        || coalesce(e.click_id_names, '') || '|' || coalesce(s.referrer_host, '') end as evidence,
    s.site_id as site_id,
    s.event_id as event_id,
    s.occurred_at as occurred_at,
    e.account_id as account_id,
    e.url as url,
    case when s.has_marks = 0 then null else e.utm_source end as utm_source,
    case when s.has_marks = 0 then null else e.utm_medium end as utm_medium,
    case when s.is_own_link and s.has_marks = 0 then null else e.utm_campaign end as utm_campaign,
    case when s.is_own_link and s.has_marks = 0 then null else coalesce(e.utm_term, s.utm_term) end as utm_term,
    case when s.is_own_link and s.has_marks = 0 then null else coalesce(e.utm_content, s.utm_content) end as utm_content,
    case when s.is_own_link and s.has_marks = 0 then null else coalesce(e.utm_id, s.utm_id) end as utm_id,
    case when s.is_own_link and s.has_marks = 0 then null else e.click_id_names end as click_id_names,
    case when s.is_own_link and s.has_marks = 0 then null else e.click_ids end as click_ids,
    case when s.is_own_link and s.has_marks = 0 then null else coalesce(e.campaign_ref, s.campaign_ref) end as campaign_ref,
    case when s.is_own_link and s.has_marks = 0 then null else coalesce(e.adset_ref, s.adset_ref) end as adset_ref,
    case when s.is_own_link and s.has_marks = 0 then null else coalesce(e.ad_ref, s.ad_ref) end as ad_ref,
    e.user_agent as user_agent
  from standing as s
  join tracking_events as e on e.site_id = s.rich_site_id and e.event_id = s.rich_event_id
),
browsers as (
  select distinct user_agent
  from touches
  where evidence = '' and user_agent is not null
),
recognized as (
  select
    a.user_agent as user_agent, b.source as app,
    row_number() over (partition by a.user_agent order by b.priority) as place
  from browsers as a
  cross join app_browsers as b
  where a.user_agent like '%' || b.pattern || '%'
),
converted as (
  select session_id, occurred_at
  from conversions
  where is_counted and session_id is not null
),
moments as (
  select session_id, null as site_id, null as event_id, 0 as turn, micros(occurred_at) as at_micros,
    occurred_at as converted_at
  from converted
  union all
  select t.session_id as session_id, t.site_id as site_id, t.event_id as event_id, 1 as turn,
    micros(t.occurred_at) - o.clock_tolerance_seconds * 1000000 as at_micros, null as converted_at
  from touches as t
  join organizations as o on o.organization_id = t.organization_id
  where t.session_id in (select session_id from converted)
),
followed as (
  select
    site_id, event_id, turn,
    min(converted_at) over (
      partition by session_id order by at_micros desc, turn rows between unbounded preceding and current row
    ) as converted_at
  from moments
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
  md5(case when r.app is null then t.evidence else '|||||' || r.app end || case when c.first_click_at < t.session_started_at then '|past_click' else '|' end) as evidence_id,
  t.occurred_at as occurred_at,
  case when f.converted_at < t.occurred_at then f.converted_at else t.occurred_at end as counted_at,
  local_date(t.occurred_at, s.time_zone) as touch_date,
  t.is_landing as is_landing,
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
  t.click_ids as click_ids,
  t.campaign_ref as campaign_ref,
  t.adset_ref as adset_ref,
  t.ad_ref as ad_ref,
  t.user_agent as user_agent,
  r.app as app,
  t.identity_tier as identity_tier,
  t.is_claimed as is_claimed
from touches as t
join sites as s on s.site_id = t.site_id
left join clicks as c on c.person_id = t.person_id
left join recognized as r on t.evidence = '' and r.user_agent = t.user_agent and r.place = 1
left join followed as f on f.site_id = t.site_id and f.event_id = t.event_id and f.turn = 1
