-- writes: touches_to_place
-- reads: touchpoints, attribution_links, conversions
-- grain: one touch that a link is of
-- The touches of the links that can be booked to the window, with what their landing said of the campaign.
select
  t.organization_id as organization_id, t.touchpoint_id as touchpoint_id, t.evidence_id as evidence_id,
  t.touch_date as touch_date, t.campaign_ref as campaign_ref, t.adset_ref as adset_ref, t.ad_ref as ad_ref,
  t.utm_campaign as utm_campaign, t.utm_term as utm_term, t.utm_content as utm_content
from touchpoints as t
join (
  select distinct k.touchpoint_id as touchpoint_id
  from attribution_links as k
  join conversions as c on c.conversion_id = k.conversion_id
  where k.organization_id = $organization_id and k.model = 'LAST_TOUCH'
    and ($basis = 'TOUCH' or (c.conversion_date >= $start and c.conversion_date <= $end))
) as l on l.touchpoint_id = t.touchpoint_id
where t.organization_id = $organization_id
