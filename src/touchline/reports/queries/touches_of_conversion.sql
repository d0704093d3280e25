-- reads: conversions, touchpoints, evidence_channels, paths
-- grain: one touch of the person up to the conversion
-- Every touch before the conversion with what it showed; outside the lookback it has no place on the path.
select
  t.touchpoint_id as touchpoint_id, t.occurred_at as occurred_at,
  micros_between(c.occurred_at, t.occurred_at) as age_micros,
  e.channel as channel, e.source_class as source_class, e.platform as platform, e.reason as reason,
  e.rule_version as rule_version,
  t.utm_source as utm_source, t.utm_medium as utm_medium, t.utm_campaign as utm_campaign, t.utm_term as utm_term,
  t.utm_content as utm_content, t.utm_id as utm_id, t.click_id_names as click_ids, t.campaign_ref as campaign_ref,
  t.adset_ref as adset_ref, t.ad_ref as ad_ref, t.referrer_host as referrer, t.landing_url as landing_url,
  p.is_eligible as is_eligible, coalesce(p.position, 0) as position
from conversions as c
join touchpoints as t on t.person_id = c.person_id and t.occurred_at <= c.occurred_at
join evidence_channels as e on e.evidence_id = t.evidence_id
left join paths as p on p.conversion_id = c.conversion_id and p.touchpoint_id = t.touchpoint_id
where c.organization_id = $organization_id and c.conversion_id = $conversion_id
order by t.occurred_at, t.touchpoint_id
