-- writes: touches_to_place
-- reads: touchpoints, attribution_links
-- grain: one touch that a link is of
-- The touches whose campaign a rollup needs, with what their landing said of it.
select
  t.organization_id as organization_id,
  t.touchpoint_id as touchpoint_id,
  t.evidence_id as evidence_id,
  t.touch_date as touch_date,
  t.campaign_ref as campaign_ref,
  t.adset_ref as adset_ref,
  t.ad_ref as ad_ref,
  t.utm_campaign as utm_campaign,
  t.utm_term as utm_term,
  t.utm_content as utm_content
from touchpoints as t
join (select distinct touchpoint_id from attribution_links) as l on l.touchpoint_id = t.touchpoint_id
