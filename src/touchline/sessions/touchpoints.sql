-- writes: touchpoints
-- reads: session_events, tracking_events, sites, conversions, organizations, app_browsers
-- grain: one landing, or one new evidence of a source inside a session
-- Where nothing else tells, the app tells whose browser opened the page.
-- A landing is a touchpoint whatever it shows (Direct is kept as such), another event of a visit if its tags, or without tags its referrer, are new in the session.
-- One click is one touchpoint: what one page shows at about the same time is of its richest hit, tags and the click id that came with them are one click, and the first hit of a click stands for it with what its richest hit shows.
-- Only sessions in which several hits show something are compared: there are few.
with several as (
  select session_id
  from session_events
  where is_visit and (is_landing or marks is not null or referrer_host is not null)
  group by session_id
  having count(*) > 1
),
shown as (
  select
    v.organization_id as organization_id,
    v.person_id as person_id,
    v.session_id as session_id,
    v.session_started_at as session_started_at,
    v.site_id as site_id,
    v.event_id as event_id,
    v.occurred_at as occurred_at,
    v.is_landing as is_landing,
    v.is_own_link as is_own_link,
    v.referrer_host as referrer_host,
    case when v.marks is null then '' else coalesce(e.utm_source, '') end as source,
    case when v.marks is null then '' else coalesce(e.utm_medium, '') end as medium,
    case when v.marks is null then '' else coalesce(lower(e.utm_campaign), '') end as campaign,
    case when v.marks is null then '' else coalesce(e.click_id_names, '') end as click_names,
    case when v.marks is null then '' else coalesce(e.click_ids, e.click_id_names, '') end as url_clicks,
    case when e.tags_from is null and (e.referrer_domain = e.page_domain or e.referrer_domain = t.domain)
      then 1 else 0 end as is_inner,
    left(e.url, least(strpos(e.url || '?', '?'), strpos(e.url || '#', '#')) - 1) as page,
    o.clock_tolerance_seconds * 1000000 as tolerance_micros
  from session_events as v
  join several as m on m.session_id = v.session_id
  join tracking_events as e on e.site_id = v.site_id and e.event_id = v.event_id
  join sites as t on t.site_id = v.site_id
  join organizations as o on o.organization_id = v.organization_id
  where v.is_visit and (v.is_landing or v.marks is not null or v.referrer_host is not null)
),
counted as (
  select
    *,
    replace(replace(source, '%', '%25'), '|', '%7C') || '|' || replace(replace(medium, '%', '%25'), '|', '%7C')
      || '|' || replace(replace(campaign, '%', '%25'), '|', '%7C') as tags,
    case when is_inner = 1 and url_clicks <> '' then coalesce(
      min(case when is_inner = 0 then url_clicks end) over (partition by session_id, click_names),
      min(url_clicks) over (partition by session_id, click_names)
    ) else url_clicks end as clicks,
    case when source = '' then 0 else 1 end + case when medium = '' then 0 else 1 end
      + case when campaign = '' then 0 else 1 end + case when url_clicks = '' then 0 else 1 end as mark_count,
    lag(occurred_at) over (partition by session_id, page order by occurred_at, event_id, site_id) as previous_at
  from shown
),
viewed as (
  select
    *,
    sum(case when micros(occurred_at) - micros(previous_at) <= tolerance_micros then 0 else 1 end) over (
      partition by session_id, page order by occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as view_number
  from counted
),
ranked as (
  select
    *,
    row_number() over (
      partition by session_id, page, view_number order by mark_count desc, occurred_at, event_id, site_id
    ) as richness
  from viewed
),
compared as (
  select
    *,
    max(case when richness = 1 then source end) over (partition by session_id, page, view_number) as best_source,
    max(case when richness = 1 then medium end) over (partition by session_id, page, view_number) as best_medium,
    max(case when richness = 1 then campaign end) over (partition by session_id, page, view_number) as best_campaign,
    max(case when richness = 1 then clicks end) over (partition by session_id, page, view_number) as best_clicks,
    max(case when richness = 1 then tags end) over (partition by session_id, page, view_number) as best_tags,
    max(mark_count) over (partition by session_id, page, view_number) as best_count,
    min(referrer_host) over (partition by session_id, page, view_number) as view_referrer
  from ranked
),
covered as (
  select
    *,
    case when page is not null and best_count > 0 and (source = '' or source = best_source)
      and (medium = '' or medium = best_medium) and (campaign = '' or campaign = best_campaign)
      and (clicks = '' or clicks = best_clicks) then 1 else 0 end as is_covered
  from compared
),
joined as (
  select
    *,
    case when is_covered = 1 then best_tags else tags end as view_tags,
    case when is_covered = 1 then best_clicks else clicks end as view_clicks,
    case when page is null or best_count > 0 then referrer_host else coalesce(referrer_host, view_referrer) end
      as view_host
  from covered
),
filled as (
  select
    *,
    case when view_tags = '||' and view_clicks <> '' then coalesce(
      min(case when view_tags <> '||' then view_tags end) over (partition by session_id, view_clicks), view_tags
    ) else view_tags end as tags_key,
    case when view_clicks = '' and view_tags <> '||' then coalesce(
      min(case when view_clicks <> '' then view_clicks end) over (partition by session_id, view_tags), view_clicks
    ) else view_clicks end as click_key
  from joined
),
numbered as (
  select
    *,
    row_number() over (
      partition by click_key, tags_key, session_id
      order by case when is_landing then 0 else 1 end, occurred_at, event_id, site_id
    ) as click_number,
    row_number() over (
      partition by view_host, session_id
      order by case when is_landing then 0 else 1 end, occurred_at, event_id, site_id
    ) as referrer_number,
    first_value(site_id) over (
      partition by click_key, tags_key, session_id
      order by case when clicks = click_key and tags = tags_key then 0 else 1 end,
        case when is_landing then 0 else 1 end, occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as rich_site_id,
    first_value(event_id) over (
      partition by click_key, tags_key, session_id
      order by case when clicks = click_key and tags = tags_key then 0 else 1 end,
        case when is_landing then 0 else 1 end, occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as rich_event_id,
    first_value(coalesce(referrer_host, '')) over (
      partition by click_key, tags_key, session_id
      order by case when clicks = click_key and tags = tags_key then 0 else 1 end,
        case when is_landing then 0 else 1 end, occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as rich_referrer
  from filled
),
standing as (
  select
    organization_id, person_id, session_id, session_started_at, is_landing, is_own_link, site_id, event_id, occurred_at,
    1 as has_marks, rich_site_id, rich_event_id,
    case when rich_referrer = '' then view_host else rich_referrer end as referrer_host
  from numbered
  where click_number = 1 and (click_key <> '' or tags_key <> '||')
  union all
  select
    organization_id, person_id, session_id, session_started_at, is_landing, is_own_link, site_id, event_id, occurred_at,
    0 as has_marks, site_id as rich_site_id, event_id as rich_event_id, view_host as referrer_host
  from numbered
  where click_key = '' and tags_key = '||' and (is_landing or (view_host is not null and referrer_number = 1))
  union all
  select
    organization_id, person_id, session_id, session_started_at, is_landing, is_own_link, site_id, event_id, occurred_at,
    case when marks is null then 0 else 1 end as has_marks, site_id as rich_site_id, event_id as rich_event_id,
    referrer_host
  from session_events
  where is_landing and session_id not in (select session_id from several)
),
touches as (
  select
    s.organization_id as organization_id,
    s.person_id as person_id,
    s.session_id as session_id,
    s.session_started_at as session_started_at,
    s.is_landing as is_landing,
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
    case when s.is_own_link and s.has_marks = 0 then null else e.utm_source end as utm_source,
    case when s.is_own_link and s.has_marks = 0 then null else e.utm_medium end as utm_medium,
    case when s.is_own_link and s.has_marks = 0 then null else e.utm_campaign end as utm_campaign,
    case when s.is_own_link and s.has_marks = 0 then null else e.utm_term end as utm_term,
    case when s.is_own_link and s.has_marks = 0 then null else e.utm_content end as utm_content,
    case when s.is_own_link and s.has_marks = 0 then null else e.utm_id end as utm_id,
    case when s.is_own_link and s.has_marks = 0 then null else e.click_id_names end as click_id_names,
    case when s.is_own_link and s.has_marks = 0 then null else e.click_ids end as click_ids,
    case when s.is_own_link and s.has_marks = 0 then null else e.campaign_ref end as campaign_ref,
    case when s.is_own_link and s.has_marks = 0 then null else e.adset_ref end as adset_ref,
    case when s.is_own_link and s.has_marks = 0 then null else e.ad_ref end as ad_ref,
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
  r.app as app
from touches as t
join sites as s on s.site_id = t.site_id
left join clicks as c on c.person_id = t.person_id
left join recognized as r on t.evidence = '' and r.user_agent = t.user_agent and r.place = 1
left join followed as f on f.site_id = t.site_id and f.event_id = t.event_id and f.turn = 1
