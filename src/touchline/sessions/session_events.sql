-- writes: session_events
-- reads: tracking_events, identities, sites, payment_hosts
-- grain: one event of a visit
-- Each event stands in the session that began with the last gap of more than 30 minutes before it; ties go by event id.
with visits as (
  select
    e.organization_id as organization_id,
    e.site_id as site_id,
    i.person_id as person_id,
    e.event_id as event_id,
    e.identifier as identifier,
    e.type as type,
    e.occurred_at as occurred_at,
    e.account_id as account_id,
    e.url as url,
    case when e.referrer_domain = e.page_domain or e.referrer_domain = s.domain or p.referrer_domain is not null
      then null else e.referrer_host end as referrer_host,
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
    e.user_agent as user_agent,
    lag(e.occurred_at) over (
      partition by e.organization_id, e.identifier order by e.occurred_at, e.event_id, e.site_id
    ) as previous_at
  from tracking_events as e
  join identities as i on i.organization_id = e.organization_id and i.identifier = e.identifier
  join sites as s on s.site_id = e.site_id
  left join payment_hosts as p on p.referrer_domain = e.referrer_domain
  where e.type in ('PAGE_VIEW', 'CONVERSION', 'CUSTOM', 'IDENTIFY')
),
started as (
  select
    *,
    max(case when previous_at is null or occurred_at > previous_at + interval '30' minute then occurred_at end) over (
      partition by organization_id, identifier order by occurred_at, event_id, site_id
      rows between unbounded preceding and current row
    ) as session_started_at
  from visits
)
select
  organization_id, site_id, person_id,
  identifier || '/' || cast(micros(session_started_at) as varchar) as session_id,
  event_id, identifier, type, occurred_at, session_started_at, account_id, url, referrer_host,
  utm_source, utm_medium, utm_campaign, utm_term, utm_content, utm_id,
  click_id_names, campaign_ref, adset_ref, ad_ref, user_agent
from started
