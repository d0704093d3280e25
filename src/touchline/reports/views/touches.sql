-- reads: touchpoints, placed_touches, evidence_channels, sites, sessions, agents, campaigns
-- grain: one touch
-- A touch is a visit's landing, or a later event of the visit that shows another source.
select
  t.organization_id as organization_id,
  t.site_id as site_id,
  t.touchpoint_id as touch_id,
  t.person_id as person_id,
  t.session_id as session_id,
  t.touch_date as date,
  local_time(t.occurred_at, s.time_zone) as occurred_at,
  t.occurred_at as occurred_at_utc,
  t.is_landing as is_landing,
  e.channel as channel,
  e.source_class as source_class,
  nullif(p.platform, '') as platform,
  nullif(p.campaign_id, '') as campaign_id,
  coalesce(n.name, nullif(p.campaign_id, '')) as campaign,
  nullif(p.adset_id, '') as adset_id,
  nullif(p.ad_id, '') as ad_id,
  t.utm_source as utm_source,
  t.utm_medium as utm_medium,
  t.utm_campaign as utm_campaign,
  t.utm_term as utm_term,
  t.utm_content as utm_content,
  t.click_id_names as click_id_names,
  t.referrer_host as referrer_host,
  t.landing_url as landing_url,
  e.reason as reason,
  e.ruleset_version as rule_version,
  coalesce(v.device_type, a.device_type) as device_type,
  v.city as city,
  v.district as district,
  e.is_paid as is_paid,
  e.rule_id as rule_id,
  e.ignored as ignored,
  e.confidence as confidence,
  e.contradictions as contradictions,
  t.click_ids as click_ids,
  t.utm_id as utm_id,
  t.campaign_ref as campaign_ref
from touchpoints as t
join placed_touches as p on p.touchpoint_id = t.touchpoint_id
join evidence_channels as e on e.evidence_id = t.evidence_id
join sites as s on s.site_id = t.site_id
left join sessions as v on v.session_id = t.session_id
left join agents as a on a.user_agent = t.user_agent
left join campaigns as n on n.organization_id = t.organization_id and n.grain = 'CAMPAIGN' and n.platform = p.platform
  and n.campaign_id = p.campaign_id
