-- reads: paths, touchpoints, evidence_channels, sites
-- includes: touches_of_owner
-- grain: one touch on the path of one conversion
-- Every touch that the path keeps, with what it showed; the local time is that of the conversion's site.
select
  p.touchpoint_id as touchpoint_id, p.occurred_at as occurred_at,
  local_time(p.occurred_at, s.time_zone) as local_time, p.age_micros as age_micros,
  e.channel as channel, e.source_class as source_class, e.platform as platform, e.reason as reason,
  e.ruleset_version as rule_version, e.is_paid as is_paid, e.rule_id as rule_id, e.ignored as ignored, e.confidence as confidence,
  e.contradictions as contradictions,
  t.utm_source as utm_source, t.utm_medium as utm_medium, t.utm_campaign as utm_campaign, t.utm_term as utm_term,
  t.utm_content as utm_content, t.utm_id as utm_id, t.click_id_names as click_ids, t.campaign_ref as campaign_ref,
  t.adset_ref as adset_ref, t.ad_ref as ad_ref, t.referrer_host as referrer, t.landing_url as landing_url,
  p.is_eligible as is_eligible, p.position as position, p.touchpoint_count as touchpoint_count,
  p.eligible_count as eligible_count, p.idle_count as idle_count,
  t.person_id as person_id, p.account_id as account_id
from paths as p
join touches_of_owner as o on o.touchpoint_id = p.touchpoint_id
join touchpoints as t on t.person_id = o.person_id and t.touchpoint_id = o.touchpoint_id
join evidence_channels as e on e.evidence_id = t.evidence_id
join sites as s on s.site_id = $site_id
where p.organization_id = $organization_id and p.person_id = $person_id and p.conversion_id = $conversion_id
order by p.age_micros desc, p.occurred_at, p.touchpoint_id
