-- writes: session_events
-- reads: tracking_events, identities, sites, detours, detour_patterns, ignored_referrers, organizations
-- grain: one event of a session
-- A first visit, a pause, or what else the organization's policy names begins a session; what a server sent without a visit joins the one around it, or none; ties go by event id.
-- Tags of a link on the site's own pages count on a visitor's first visit only: there they are of a landing that nobody recorded.
-- Tags with which a page that pays or signs in sends the visitor back count only where they begin a session.
-- Tags that say that nobody sent the visitor, direct and none with or without brackets, are none.
-- A new campaign is other tags than the session's last; a part of these, or more, right after them is none. It begins a session that has shown a source before; else it is the session's own.
-- Tags of the referrer's address count where that page was not recorded, and no hit of the session before it shows tags.
-- A capped session is cut each time its full length is over; the landing of what follows is the first visit there.
-- The next visit is found by the count of earlier visits, which it shares with the server events before it; a window in reverse order would need another sort.
with named as (
  select distinct
    organization_id,
    identifier,
    coalesce(utm_source, '') as source,
    coalesce(utm_medium, '') as medium,
    coalesce(lower(utm_campaign), '') as campaign,
    coalesce(click_ids, click_id_names, '') as clicks
  from tracking_events
  where tags_from is not null
),
first_recorded as (
  select
    n.organization_id as organization_id,
    n.identifier as identifier,
    n.source as source,
    n.medium as medium,
    n.campaign as campaign,
    n.clicks as clicks,
    min(e.occurred_at) as first_at
  from named as n
  join tracking_events as e on e.organization_id = n.organization_id and e.identifier = n.identifier
    and n.source = coalesce(e.utm_source, '') and n.medium = coalesce(e.utm_medium, '')
    and n.campaign = coalesce(lower(e.utm_campaign), '')
    and n.clicks = coalesce(e.click_ids, e.click_id_names, '')
  where e.tags_from is null
  group by n.organization_id, n.identifier, n.source, n.medium, n.campaign, n.clicks
),
recorded as (
  select e.site_id as site_id, e.event_id as event_id, 1 as is_recorded
  from tracking_events as e
  join first_recorded as n on n.organization_id = e.organization_id and n.identifier = e.identifier
    and n.source = coalesce(e.utm_source, '') and n.medium = coalesce(e.utm_medium, '')
    and n.campaign = coalesce(lower(e.utm_campaign), '')
    and n.clicks = coalesce(e.click_ids, e.click_id_names, '')
  where e.tags_from is not null and n.first_at <= e.occurred_at
),
called as (
  select
    w.referrer_host as referrer_host,
    w.referrer_domain as referrer_domain,
    case when max(case when p.kind = 'none' then 1 else 0 end) = 1 then 'none' else min(p.kind) end as kind
  from (select distinct referrer_host, referrer_domain from tracking_events) as w
  cross join detour_patterns as p
  where '.' || left(w.referrer_host, length(w.referrer_host) - length(w.referrer_domain)) like p.label
    and w.referrer_domain like p.domain
  group by w.referrer_host, w.referrer_domain
),
referred as (
  select
    e.organization_id as organization_id,
    e.site_id as site_id,
    i.person_id as person_id,
    e.event_id as event_id,
    e.identifier as identifier,
    e.type as type,
    e.occurred_at as occurred_at,
    o.clock_tolerance_seconds * 1000000 as tolerance_micros,
    o.session_gap_minutes * 60000000 as gap_micros,
    o.session_cap_hours * 3600000000 as cap_micros,
    o.session_policy as session_policy,
    case
      when o.session_policy = 'matomo' then cast(local_date(e.occurred_at, s.time_zone) as varchar)
      when o.session_policy = 'seed' then left(cast(local_date(e.occurred_at, s.time_zone) as varchar), 7)
      else ''
    end as period,
    case when e.type <> 'PAGE_VIEW' and e.is_verified and e.url is null and e.user_agent is null
      and e.referrer_host is null and e.utm_source is null and e.utm_medium is null and e.utm_campaign is null
      and e.click_id_names is null then 0 else 1 end as is_visit,
    case when e.referrer_domain = e.page_domain or e.referrer_domain = s.domain then 1 else 0 end as is_inner,
    case when e.tags_from is null then 0 else 1 end as has_referrer_tags,
    coalesce(k.is_recorded, 0) as is_recorded,
    e.referrer_host as referrer_host,
    case
      when e.referrer_domain = e.page_domain or e.referrer_domain = s.domain then null
      when x.referrer is not null or y.referrer is not null then 'ignored_referrer'
      when c.kind = 'none' and (h.kind is null or e.referrer_host = e.referrer_domain) then null
      else coalesce(h.kind, d.kind, c.kind)
    end as detour,
    case when coalesce(e.utm_source, '') in ('', '(direct)', 'direct') and coalesce(e.utm_medium, '') in ('', '(none)', 'none')
      and coalesce(e.utm_campaign, '') = '' then 0 else 1 end as has_tags,
    coalesce(replace(replace(e.utm_source, '%', '%25'), '|', '%7C'), '') as source,
    coalesce(replace(replace(e.utm_medium, '%', '%25'), '|', '%7C'), '') as medium,
    coalesce(replace(replace(lower(e.utm_campaign), '%', '%25'), '|', '%7C'), '') as campaign,
    coalesce(replace(replace(e.click_ids, '%', '%25'), '|', '%7C'), e.click_id_names) as clicks
  from tracking_events as e
  join identities as i on i.organization_id = e.organization_id and i.identifier = e.identifier
  join sites as s on s.site_id = e.site_id
  join organizations as o on o.organization_id = e.organization_id
  left join detours as d on d.referrer = e.referrer_domain
  left join detours as h on h.referrer = e.referrer_host
  left join called as c on c.referrer_host = e.referrer_host and c.referrer_domain = e.referrer_domain
  left join ignored_referrers as x on x.site_id = e.site_id and x.referrer = e.referrer_domain
  left join ignored_referrers as y on y.site_id = e.site_id and y.referrer = e.referrer_host
  left join recorded as k on k.site_id = e.site_id and k.event_id = e.event_id
  where e.type in ('PAGE_VIEW', 'CONVERSION', 'CUSTOM', 'IDENTIFY')
    and (i.valid_from is null or e.occurred_at >= i.valid_from)
    and (i.valid_until is null or e.occurred_at < i.valid_until)
),
preceded as (
  select
    *,
    max(case when is_visit = 1 then occurred_at end) over (
      partition by organization_id, identifier, person_id order by occurred_at, event_id, site_id
      rows between unbounded preceding and 1 preceding
    ) as previous_at,
    count(case when is_visit = 1 then 1 end) over (
      partition by organization_id, identifier, person_id order by occurred_at, event_id, site_id
      rows between unbounded preceding and 1 preceding
    ) as previous_count,
    max(case when is_visit = 1 then period end) over (
      partition by organization_id, identifier, person_id order by occurred_at, event_id, site_id
      rows between unbounded preceding and 1 preceding
    ) as previous_period
  from referred
),
paused as (
  select
    *,
    case
      when is_visit = 0 then null
      when previous_at is null then 'first_visit'
      when micros(occurred_at) - micros(previous_at) > gap_micros then 'pause'
      when period > previous_period then case when session_policy = 'seed' then 'month' else 'midnight' end
    end as paused_because,
    case
      when clicks is not null then 0
      when is_inner = 1 and has_referrer_tags = 0 and previous_at is not null then 1
      when detour is not null and micros(occurred_at) - micros(previous_at) <= gap_micros then 1
      else 0
    end as is_own_link
  from preceded
),
sourced as (
  select
    *,
    case when session_policy = 'matomo' and is_visit = 1 and is_inner = 0 and is_own_link = 0 then 1 else 0 end
      as may_split,
    case when session_policy = 'matomo' and is_visit = 1 and is_inner = 0 and is_own_link = 0 and has_tags = 1 then 1
      else 0 end as shows_tags,
    case when session_policy = 'matomo' then
      cast(10000000000000000 + micros(occurred_at) as varchar) || '|' || event_id || '|' || site_id || '|' end as place_in_time
  from paused
),
shown as (
  select
    *,
    max(case when paused_because is not null then occurred_at end) over (
      partition by organization_id, identifier, person_id order by occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as paused_at,
    max(case when shows_tags = 1 then place_in_time || source end) over (
      partition by organization_id, identifier, person_id order by occurred_at, event_id, site_id
      rows between unbounded preceding and 1 preceding
    ) as previous_source,
    max(case when shows_tags = 1 then place_in_time || medium end) over (
      partition by organization_id, identifier, person_id order by occurred_at, event_id, site_id
      rows between unbounded preceding and 1 preceding
    ) as previous_medium,
    max(case when shows_tags = 1 then place_in_time || campaign end) over (
      partition by organization_id, identifier, person_id order by occurred_at, event_id, site_id
      rows between unbounded preceding and 1 preceding
    ) as previous_campaign,
    max(case when may_split = 1 then place_in_time || clicks end) over (
      partition by organization_id, identifier, person_id order by occurred_at, event_id, site_id
      rows between unbounded preceding and 1 preceding
    ) as previous_clicks,
    max(case when shows_tags = 1 or (may_split = 1 and (clicks is not null or (referrer_host is not null and detour is null)))
      then occurred_at end) over (
      partition by organization_id, identifier, person_id order by occurred_at, event_id, site_id
      rows between unbounded preceding and 1 preceding
    ) as shown_at
  from sourced
),
compared as (
  select
    *,
    case when right(previous_source, length(source) + 1) = '|' || source
      and right(previous_medium, length(medium) + 1) = '|' || medium
      and right(previous_campaign, length(campaign) + 1) = '|' || campaign then 1 else 0 end as is_same,
    case when (source = '' or right(previous_source, 1) = '|' or right(previous_source, length(source) + 1) = '|' || source)
      and (medium = '' or right(previous_medium, 1) = '|' or right(previous_medium, length(medium) + 1) = '|' || medium)
      and (campaign = '' or right(previous_campaign, 1) = '|'
        or right(previous_campaign, length(campaign) + 1) = '|' || campaign) then 1 else 0 end as is_part,
    case when micros(occurred_at) - micros(shown_at) <= tolerance_micros then 1 else 0 end as is_at_once,
    case when left(previous_source, 17) >= cast(10000000000000000 + micros(paused_at) as varchar) then 1 else 0 end as is_tagged
  from shown
),
judged as (
  select
    *,
    case
      when paused_because is not null then paused_because
      when shows_tags = 0 or shown_at is null or shown_at < paused_at then null
      when right(previous_clicks, length(clicks) + 1) = '|' || clicks then null
      when is_at_once = 1 and (is_part = 1 or is_tagged = 0) then null
      when is_same = 1 and is_tagged = 1 then null
      else 'campaign'
    end as began_because
  from compared
),
surrounded as (
  select
    *,
    max(case when began_because is not null then occurred_at end) over (
      partition by organization_id, identifier, person_id order by occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as started_at,
    case when is_visit = 1 then occurred_at else previous_at end as last_visit_at,
    max(case when is_visit = 1 then occurred_at end) over (
      partition by organization_id, identifier, person_id, previous_count
    ) as next_visit_at
  from judged
),
started as (
  select
    *,
    case
      when micros(occurred_at) - micros(last_visit_at) <= gap_micros then started_at
      when micros(next_visit_at) - micros(occurred_at) <= tolerance_micros then next_visit_at
    end as whole_started_at,
    case
      when cap_micros > 0 and micros(occurred_at) - micros(last_visit_at) <= gap_micros
        and last_visit_at > started_at
        then cast((micros(last_visit_at) - micros(started_at) - 1) // nullif(cap_micros, 0) as bigint)
      else 0
    end as part_number,
    case
      when cap_micros > 0 and previous_at > started_at
        then cast((micros(previous_at) - micros(started_at) - 1) // nullif(cap_micros, 0) as bigint)
      else 0
    end as previous_part_number,
    case when has_tags = 0 and clicks is null then null
      else source || '|' || medium || '|' || campaign || '|' || coalesce(clicks, '') end as marks
  from surrounded
),
ranked as (
  select
    *,
    case
      when is_visit = 0 then 2
      when part_number > 0 then 1
      when type = 'PAGE_VIEW' and micros(occurred_at) - micros(whole_started_at) <= tolerance_micros then 0
      else 1
    end as landing_rank
  from started
  where whole_started_at is not null
),
placed as (
  select
    *,
    case when part_number = 0 then whole_started_at else min(case when is_visit = 1 then occurred_at end) over (
      partition by organization_id, identifier, person_id, whole_started_at, part_number
    ) end as session_started_at,
    row_number() over (
      partition by organization_id, identifier, person_id, whole_started_at, part_number
      order by landing_rank, occurred_at, event_id, site_id
    ) as place,
    max(case when marks is null or has_referrer_tags = 1 or is_own_link = 1 then 0 else 1 end) over (
      partition by organization_id, identifier, person_id, whole_started_at, part_number
      order by landing_rank, occurred_at, event_id, site_id
      rows between unbounded preceding and 1 preceding
    ) as was_tagged
  from ranked
),
judged_links as (
  select
    *,
    case when is_own_link = 1 or (has_referrer_tags = 1 and (is_recorded = 1 or was_tagged = 1)) then 1 else 0 end
      as is_ignored_link
  from placed
)
select
  organization_id, site_id, person_id,
  organization_id || '/' || identifier || '/' || cast(micros(session_started_at) as varchar) as session_id,
  event_id, identifier, type, occurred_at, session_started_at,
  is_visit = 1 as is_visit, place = 1 as is_landing,
  case when is_inner = 1 or detour is not null then null else referrer_host end as referrer_host,
  case when is_ignored_link = 1 then null else marks end as marks,
  case when began_because is null and is_visit = 1 and part_number > previous_part_number then 'cap'
    else began_because end as started_because,
  is_ignored_link = 1 as is_own_link,
  case
    when is_visit = 0 then null
    when detour is null and is_own_link = 1 and marks is not null then 'own_link'
    else detour
  end as uncredited_because
from judged_links
