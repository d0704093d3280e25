-- writes: placed_touches
-- reads: touches_to_place, evidence_channels, campaign_keys, adset_keys, ad_keys
-- grain: one touch
-- The ad platform, campaign, ad set and ad that a touch came from: matched by id, else by name.
with linked_touches as (
  select
    t.organization_id as organization_id,
    t.touchpoint_id as touchpoint_id,
    t.touch_date as touch_date,
    e.platform as platform,
    coalesce(by_ref.campaign_id, by_name.campaign_id, t.campaign_ref, lower(t.utm_campaign), '') as campaign_id,
    t.utm_term as utm_term,
    t.utm_content as utm_content,
    t.adset_ref as adset_ref,
    t.ad_ref as ad_ref
  from touches_to_place as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
  left join campaign_keys as by_ref on by_ref.organization_id = t.organization_id and by_ref.platform = e.platform
    and by_ref.match_key = lower(t.campaign_ref)
  left join campaign_keys as by_name on by_name.organization_id = t.organization_id and by_name.platform = e.platform
    and by_name.match_key = lower(t.utm_campaign)
)
select
  t.touchpoint_id as touchpoint_id,
  t.touch_date as touch_date,
  t.platform as platform,
  t.campaign_id as campaign_id,
  coalesce(s.adset_id, a.adset_id, '') as adset_id,
  coalesce(a.ad_id, '') as ad_id
from linked_touches as t
left join ad_keys as a on a.organization_id = t.organization_id and a.platform = t.platform
  and a.campaign_id = t.campaign_id and a.match_key = lower(coalesce(t.ad_ref, t.utm_content))
left join adset_keys as s on s.organization_id = t.organization_id and s.platform = t.platform
  and s.campaign_id = t.campaign_id and s.match_key = lower(coalesce(t.adset_ref, t.utm_term))
