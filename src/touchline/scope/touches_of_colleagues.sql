-- writes: touches_of_colleagues
-- reads: touchpoints_of_colleagues
-- grain: one touchpoint of a colleague
-- The same columns of their touchpoints, which stood as they are.
select
  organization_id, site_id, person_id, touchpoint_id, evidence_id, counted_at, touch_date, is_landing, user_agent,
  utm_campaign, utm_term, utm_content, click_id_names, campaign_ref, adset_ref, ad_ref, identity_tier
from touchpoints_of_colleagues
