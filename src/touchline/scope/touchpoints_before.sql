-- writes: touchpoints_before
-- reads: sought_touchpoints
-- grain: one touchpoint of a person of the scope
-- The columns of the existing touchpoints that later steps read; wide columns are expensive to read.
select
  organization_id, site_id, person_id, touchpoint_id, evidence_id, counted_at, touch_date, is_landing, user_agent,
  utm_campaign, utm_term, utm_content, click_id_names, campaign_ref, adset_ref, ad_ref, identity_tier
from sought_touchpoints
