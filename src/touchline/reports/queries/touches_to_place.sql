-- writes: touches_to_place
-- reads: touchpoints
-- grain: one touch for each site and each text that a landing said of its campaign
-- Enough touches to say on which sites each campaign's visits landed; none where no site is asked about.
select
  organization_id, min(touchpoint_id) as touchpoint_id, evidence_id, min(touch_date) as touch_date, campaign_ref,
  adset_ref, ad_ref, utm_campaign, utm_term, utm_content
from touchpoints
where organization_id = $organization_id and $site_id <> ''
group by
  organization_id, site_id, evidence_id, campaign_ref, adset_ref, ad_ref, utm_campaign, utm_term, utm_content
