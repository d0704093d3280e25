-- writes: touches_to_place
-- reads: touchpoints
-- grain: one touch
-- Every touch, with what its landing said of the campaign.
select
  organization_id, touchpoint_id, evidence_id, touch_date, campaign_ref, adset_ref, ad_ref, utm_campaign, utm_term,
  utm_content
from touchpoints
