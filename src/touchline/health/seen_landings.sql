-- writes: seen_landings
-- reads: touchpoints, evidence_channels
-- grain: one landing
-- What a landing shows, as numbers to add up: its channel, a click id, a referrer, a campaign, and how far its browser is known.
select
  t.organization_id as organization_id,
  t.site_id as site_id,
  t.touch_date as period,
  e.channel as channel,
  e.platform as platform,
  case when e.channel = 'Direct' then 1 else 0 end as is_direct,
  case when e.is_paid then 1 else 0 end as is_paid,
  case when t.click_id_names is null then 0 else 1 end as has_click_id,
  case when e.referrer_host is null then 0 else 1 end as has_referrer,
  case when t.campaign_ref is null and t.utm_campaign is null then 0 else 1 end as has_campaign,
  case when t.identity_tier = 'unresolved' then 1 else 0 end as is_unresolved,
  case when t.identity_tier = 'claimed_by_browser' then 1 else 0 end as is_claimed
from touchpoints as t
join evidence_channels as e on e.evidence_id = t.evidence_id
where t.is_landing
