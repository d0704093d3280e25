-- writes: touches_to_place
-- reads: touchpoints, attribution_links
-- grain: one touch that a link is of
-- The touches of the organization's links, with what their landing said of the campaign.
select
  t.organization_id as organization_id, t.touchpoint_id as touchpoint_id, t.evidence_id as evidence_id,
  t.touch_date as touch_date, t.campaign_ref as campaign_ref, t.adset_ref as adset_ref, t.ad_ref as ad_ref,
  t.utm_campaign as utm_campaign, t.utm_term as utm_term, t.utm_content as utm_content
from touchpoints as t
join (
  select distinct touchpoint_id
  from attribution_links
  where organization_id = $organization_id
) as l on l.touchpoint_id = t.touchpoint_id
where t.organization_id = $organization_id
