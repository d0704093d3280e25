-- writes: touches_to_place
-- reads: touchpoints, paths, conversions
-- grain: one touch before a conversion of the days asked for
-- The touches on paths of counted conversions, with what their landing said of the campaign.
select
  t.organization_id as organization_id, t.touchpoint_id as touchpoint_id, t.evidence_id as evidence_id,
  t.touch_date as touch_date, t.campaign_ref as campaign_ref, t.adset_ref as adset_ref, t.ad_ref as ad_ref,
  t.utm_campaign as utm_campaign, t.utm_term as utm_term, t.utm_content as utm_content
from touchpoints as t
join (
  select distinct p.touchpoint_id as touchpoint_id
  from paths as p
  join conversions as c on c.conversion_id = p.conversion_id
  where c.organization_id = $organization_id and c.conversion_date >= $start and c.conversion_date <= $end
) as l on l.touchpoint_id = t.touchpoint_id
where t.organization_id = $organization_id
