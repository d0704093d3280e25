-- writes: source_hits
-- reads: session_events, tracking_events, sites, organizations, click_kinds
-- grain: one hit that shows where its visitor came from, or the landing, in a session that has several of them
-- One click is one source: what one page shows at about the same time is of its richest hit, tags and the click id that came with them are one click, and the first hit of a click stands for it with what its richest hit shows.
-- A click id is stronger than tags, these than a referrer; a source that is weaker than one before it in the session is none. A click id that also comes on links that nobody paid for or sent is as strong as tags. Of one click, the hit that says most of its other parameters is the richest.
-- Hits that show the same value of a click id, and of no click id another one, are of one click, which is known by the fullest set of ids; parameters that many clicks share join only hits that show nothing else.
-- A parameter that the richest hit lacks is that of the next richest hit of the same click that has it.
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
    v.site_id as site_id,
    v.event_id as event_id,
    v.occurred_at as occurred_at,
    v.is_landing as is_landing,
    v.referrer_host as referrer_host,
    case when v.marks is null then '' else coalesce(e.utm_source, '') end as source,
    case when v.marks is null then '' else coalesce(e.utm_medium, '') end as medium,
    case when v.marks is null then '' else coalesce(lower(e.utm_campaign), '') end as campaign,
    case when v.marks is null then '' else coalesce(e.click_id_names, '') end as click_names,
    case when v.marks is null then '' else coalesce(e.click_ids, e.click_id_names, '') end as url_clicks,
    case when e.tags_from is null and (e.referrer_domain = e.page_domain or e.referrer_domain = t.domain)
      then 1 else 0 end as is_inner,
    case when e.utm_term is null then 0 else 1 end + case when e.utm_content is null then 0 else 1 end
      + case when e.utm_id is null then 0 else 1 end + case when e.campaign_ref is null then 0 else 1 end
      + case when e.adset_ref is null then 0 else 1 end + case when e.ad_ref is null then 0 else 1 end as detail_count,
    case when v.marks is null then null else e.utm_term end as utm_term,
    case when v.marks is null then null else e.utm_content end as utm_content,
    case when v.marks is null then null else e.utm_id end as utm_id,
    case when v.marks is null then null else e.campaign_ref end as campaign_ref,
    case when v.marks is null then null else e.adset_ref end as adset_ref,
    case when v.marks is null then null else e.ad_ref end as ad_ref,
    left(e.url, least(strpos(e.url || '?', '?'), strpos(e.url || '#', '#')) - 1) as page,
    o.clock_tolerance_seconds * 1000000 as tolerance_micros
  from session_events as v
  join several as m on m.session_id = v.session_id
  join tracking_events as e on e.site_id = v.site_id and e.event_id = v.event_id
  join sites as t on t.site_id = v.site_id
  join organizations as o on o.organization_id = v.organization_id
  where v.is_visit and (v.is_landing or v.marks is not null or v.referrer_host is not null)
),
proofs as (
  select distinct w.click_names as click_names
  from (select distinct click_names from shown where click_names <> '') as w
  cross join click_kinds as k
  where k.kind in ('ad', 'affiliate', 'email') and strpos(',' || w.click_names || ',', ',' || k.name || ',') > 0
),
counted as (
  select
    s.organization_id as organization_id, s.person_id as person_id, s.session_id as session_id, s.site_id as site_id,
    s.event_id as event_id, s.occurred_at as occurred_at, s.is_landing as is_landing,
    s.referrer_host as referrer_host, s.source as source, s.medium as medium, s.campaign as campaign,
    s.click_names as click_names, s.url_clicks as url_clicks, s.is_inner as is_inner, s.detail_count as detail_count,
    s.utm_term as utm_term, s.utm_content as utm_content, s.utm_id as utm_id, s.campaign_ref as campaign_ref,
    s.adset_ref as adset_ref, s.ad_ref as ad_ref, s.page as page, s.tolerance_micros as tolerance_micros,
    case when p.click_names is null then 0 else 1 end as is_proved,
    replace(replace(s.source, '%', '%25'), '|', '%7C') || '|' || replace(replace(s.medium, '%', '%25'), '|', '%7C')
      || '|' || replace(replace(s.campaign, '%', '%25'), '|', '%7C') as tags,
    case when s.is_inner = 1 and s.url_clicks <> '' then coalesce(
      min(case when s.is_inner = 0 then s.url_clicks end) over (partition by s.session_id, s.click_names),
      min(s.url_clicks) over (partition by s.session_id, s.click_names)
    ) else s.url_clicks end as own_clicks,
    case when s.source = '' then 0 else 1 end + case when s.medium = '' then 0 else 1 end
      + case when s.campaign = '' then 0 else 1 end + case when s.url_clicks = '' then 0 else 1 end as mark_count,
    lag(s.occurred_at) over (
      partition by s.session_id, s.page order by s.occurred_at, s.event_id, s.site_id
    ) as previous_at
  from shown as s
  left join proofs as p on p.click_names = s.click_names
),
clicked as (
  select session_id, own_clicks, min(occurred_at) as first_at
  from counted
  where left(own_clicks, 1) = '{'
  group by session_id, own_clicks
),
compared_clicks as (
  select session_id, own_clicks, first_at, count(*) over (partition by session_id) as set_count
  from clicked
),
click_ids_shown as (
  select
    c.session_id as session_id,
    c.own_clicks as own_clicks,
    c.first_at as first_at,
    k.name as name,
    substr(c.own_clicks, strpos(c.own_clicks, '"' || k.name || '":"') + length(k.name) + 4) || '"' as onward
  from compared_clicks as c
  cross join click_kinds as k
  where c.set_count > 1 and strpos(c.own_clicks, '"' || k.name || '":"') > 0
),
click_ids_read as (
  select
    session_id, own_clicks, first_at, name, left(onward, strpos(onward, '"') - 1) as value,
    case when name in ('gad', 'gad_source', 'gad_campaignid', 'gclsrc', 'hsa_cam')
      or left(onward, strpos(onward, '"') - 1) = 'redacted' then 0 else 1 end as is_own_id
  from click_ids_shown
),
click_ids_counted as (
  select
    *,
    count(*) over (partition by session_id, own_clicks) as id_count,
    sum(is_own_id) over (partition by session_id, own_clicks) as own_id_count
  from click_ids_read
),
fullest as (
  select
    *,
    first_value(own_clicks) over (
      partition by session_id, name, value order by id_count desc, first_at, own_clicks
      rows between unbounded preceding and current row
    ) as full_clicks,
    first_value(id_count) over (
      partition by session_id, name, value order by id_count desc, first_at, own_clicks
      rows between unbounded preceding and current row
    ) as full_count,
    first_value(first_at) over (
      partition by session_id, name, value order by id_count desc, first_at, own_clicks
      rows between unbounded preceding and current row
    ) as full_at
  from click_ids_counted
),
pairs as (
  select session_id, own_clicks, full_clicks, full_count, full_at
  from fullest
  where own_clicks <> full_clicks and (is_own_id = 1 or own_id_count = 0)
  group by session_id, own_clicks, full_clicks, full_count, full_at
),
pair_ids as (
  select
    p.session_id as session_id,
    p.own_clicks as own_clicks,
    p.full_clicks as full_clicks,
    p.full_count as full_count,
    p.full_at as full_at,
    substr(p.own_clicks, strpos(p.own_clicks, '"' || k.name || '":"') + length(k.name) + 4) || '"' as own_onward,
    substr(p.full_clicks, strpos(p.full_clicks, '"' || k.name || '":"') + length(k.name) + 4) || '"' as full_onward
  from pairs as p
  cross join click_kinds as k
  where strpos(p.own_clicks, '"' || k.name || '":"') > 0 and strpos(p.full_clicks, '"' || k.name || '":"') > 0
),
agreeing as (
  select session_id, own_clicks, full_clicks, full_count, full_at
  from pair_ids
  group by session_id, own_clicks, full_clicks, full_count, full_at
  having max(case when left(own_onward, strpos(own_onward, '"') - 1)
    = left(full_onward, strpos(full_onward, '"') - 1) then 0 else 1 end) = 0
),
fitting as (
  select
    session_id, own_clicks, full_clicks,
    row_number() over (partition by session_id, own_clicks order by full_count desc, full_at, full_clicks) as place
  from agreeing
),
same_clicks as (
  select f.session_id as session_id, f.own_clicks as own_clicks, coalesce(g.full_clicks, f.full_clicks) as full_clicks
  from fitting as f
  left join fitting as g on g.session_id = f.session_id and g.own_clicks = f.full_clicks and g.place = 1
  where f.place = 1
),
known as (
  select
    c.organization_id as organization_id,
    c.person_id as person_id,
    c.session_id as session_id,
    c.site_id as site_id,
    c.event_id as event_id,
    c.occurred_at as occurred_at,
    c.is_landing as is_landing,
    c.referrer_host as referrer_host,
    c.source as source,
    c.medium as medium,
    c.campaign as campaign,
    c.url_clicks as url_clicks,
    c.detail_count as detail_count,
    c.utm_term as utm_term,
    c.utm_content as utm_content,
    c.utm_id as utm_id,
    c.campaign_ref as campaign_ref,
    c.adset_ref as adset_ref,
    c.ad_ref as ad_ref,
    c.page as page,
    c.tolerance_micros as tolerance_micros,
    c.is_proved as is_proved,
    c.tags as tags,
    c.mark_count as mark_count,
    c.previous_at as previous_at,
    c.own_clicks as own_clicks,
    coalesce(s.full_clicks, c.own_clicks) as clicks
  from counted as c
  left join same_clicks as s on s.session_id = c.session_id and s.own_clicks = c.own_clicks
),
viewed as (
  select
    *,
    sum(case when micros(occurred_at) - micros(previous_at) <= tolerance_micros then 0 else 1 end) over (
      partition by session_id, page order by occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as view_number
  from known
),
compared as (
  select
    *,
    first_value(source) over (
      partition by session_id, page, view_number order by mark_count desc, occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as best_source,
    first_value(medium) over (
      partition by session_id, page, view_number order by mark_count desc, occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as best_medium,
    first_value(campaign) over (
      partition by session_id, page, view_number order by mark_count desc, occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as best_campaign,
    first_value(clicks) over (
      partition by session_id, page, view_number order by mark_count desc, occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as best_clicks,
    first_value(tags) over (
      partition by session_id, page, view_number order by mark_count desc, occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as best_tags,
    first_value(mark_count) over (
      partition by session_id, page, view_number order by mark_count desc, occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as best_count,
    min(referrer_host) over (partition by session_id, page, view_number) as view_referrer
  from viewed
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
proved as (
  select
    *,
    max(case when click_key = '' then 0 else is_proved end) over (partition by session_id, click_key) as is_ad_click
  from filled
),
numbered as (
  select
    *,
    row_number() over (
      partition by click_key, tags_key, session_id
      order by case when is_landing then 0 else 1 end, occurred_at, event_id, site_id
    ) as click_number,
    row_number() over (
      partition by click_key, tags_key, session_id
      order by case when tags <> tags_key or clicks <> click_key then 2 when own_clicks = click_key then 0 else 1 end,
        detail_count desc,
        case when is_landing then 0 else 1 end, occurred_at, event_id, site_id
    ) as richness,
    row_number() over (
      partition by view_host, session_id
      order by case when is_landing then 0 else 1 end, occurred_at, event_id, site_id
    ) as referrer_number,
    case when is_ad_click = 1 then 3 when click_key <> '' or tags_key <> '||' then 2
      when view_host is not null then 1 else 0 end as strength
  from proved
),
judged as (
  select
    *,
    max(case when richness = 1 then site_id end) over (partition by click_key, tags_key, session_id) as rich_site_id,
    max(case when richness = 1 then event_id end) over (partition by click_key, tags_key, session_id)
      as rich_event_id,
    max(case when richness = 1 then referrer_host end) over (partition by click_key, tags_key, session_id)
      as rich_referrer,
    min(cast(1000000000 + richness as varchar) || utm_term) over (partition by click_key, tags_key, session_id)
      as click_utm_term,
    min(cast(1000000000 + richness as varchar) || utm_content) over (partition by click_key, tags_key, session_id)
      as click_utm_content,
    min(cast(1000000000 + richness as varchar) || utm_id) over (partition by click_key, tags_key, session_id)
      as click_utm_id,
    min(cast(1000000000 + richness as varchar) || campaign_ref) over (partition by click_key, tags_key, session_id)
      as click_campaign_ref,
    min(cast(1000000000 + richness as varchar) || adset_ref) over (partition by click_key, tags_key, session_id)
      as click_adset_ref,
    min(cast(1000000000 + richness as varchar) || ad_ref) over (partition by click_key, tags_key, session_id)
      as click_ad_ref,
    max(strength) over (
      partition by session_id order by case when is_landing then 0 else 1 end, occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as best_strength
  from numbered
)
select
  organization_id, site_id, person_id, session_id, event_id, occurred_at,
  case when strength >= 2 then rich_site_id else site_id end as rich_site_id,
  case when strength >= 2 then rich_event_id else event_id end as rich_event_id,
  case when strength >= 2 then coalesce(rich_referrer, view_host) else view_host end as referrer_host,
  strength >= 2 as has_marks,
  case when strength >= 2 then substr(click_utm_term, 11) end as utm_term,
  case when strength >= 2 then substr(click_utm_content, 11) end as utm_content,
  case when strength >= 2 then substr(click_utm_id, 11) end as utm_id,
  case when strength >= 2 then substr(click_campaign_ref, 11) end as campaign_ref,
  case when strength >= 2 then substr(click_adset_ref, 11) end as adset_ref,
  case when strength >= 2 then substr(click_ad_ref, 11) end as ad_ref,
  case
    when is_landing then 'touch'
    when (case when strength >= 2 then click_number else referrer_number end) > 1 then 'shown_before'
    when strength < best_strength then 'weaker_source'
    else 'touch'
  end as outcome
from judged
