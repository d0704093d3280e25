-- One touch: where and when a visitor came from a source.
select
  t.touchpoint_id as id,
  t.organization_id as organization_id,
  t.site_id as site_id,
  t.person_id as person_id,
  t.session_id as session_id,
  t.occurred_at as occurred_at,
  t.landing_url as landing_url,
  t.referrer_host as referrer,
  t.utm_source as utm_source,
  t.utm_medium as utm_medium,
  t.utm_campaign as utm_campaign,
  t.utm_term as utm_term,
  t.utm_content as utm_content,
  t.click_id_names as click_id_names,
  nullif(e.platform, '') as platform_code,
  e.source_class as source_class,
  e.channel as channel,
  e.reason as reason,
  e.ruleset_version as rule_version,
  coalesce(s.device_type, a.device_type) as device_type,
  s.city as city,
  s.district as district
from touchpoints as t
join evidence_channels as e on e.evidence_id = t.evidence_id
left join sessions as s on s.session_id = t.session_id
left join agents as a on a.user_agent = t.user_agent
