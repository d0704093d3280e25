-- writes: session_events
-- reads: tracking_events, identities, sites, payment_hosts
-- grain: one event of a visit
-- Each event stands in the session that began with the last gap of more than 30 minutes before it; ties go by event id.
with referred as (
  select
    e.organization_id as organization_id,
    e.site_id as site_id,
    i.person_id as person_id,
    e.event_id as event_id,
    e.identifier as identifier,
    e.type as type,
    e.occurred_at as occurred_at,
    case when e.referrer_domain = e.page_domain or e.referrer_domain = s.domain or p.referrer_domain is not null
      then null else e.referrer_host end as referrer_host,
    case when e.utm_source is null and e.utm_medium is null and e.utm_campaign is null and e.click_id_names is null
      then null
      else coalesce(replace(replace(e.utm_source, '%', '%25'), '|', '%7C'), '') || '|'
        || coalesce(replace(replace(e.utm_medium, '%', '%25'), '|', '%7C'), '') || '|'
        || coalesce(replace(replace(lower(e.utm_campaign), '%', '%25'), '|', '%7C'), '') || '|'
        || coalesce(e.click_id_names, '') end as marks
  from tracking_events as e
  join identities as i on i.organization_id = e.organization_id and i.identifier = e.identifier
  join sites as s on s.site_id = e.site_id
  left join payment_hosts as p on p.referrer_domain = e.referrer_domain
  where e.type in ('PAGE_VIEW', 'CONVERSION', 'CUSTOM', 'IDENTIFY')
),
visits as (
  select
    *,
    case when marks is null and referrer_host is null
      then null else coalesce(marks, '|||') || '|' || coalesce(referrer_host, '') end as evidence,
    lag(occurred_at) over (
      partition by organization_id, identifier order by occurred_at, event_id, site_id
    ) as previous_at
  from referred
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
  organization_id || '/' || identifier || '/' || cast(micros(session_started_at) as varchar) as session_id,
  event_id, identifier, type, occurred_at, session_started_at, referrer_host, evidence
from started
