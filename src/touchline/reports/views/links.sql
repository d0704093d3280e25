-- includes: links_all
-- grain: one touch that has credit for one conversion under one model, in the organization's currency; or one conversion that no touch led to under one model
-- Filter on one model: each of them gives away every conversion.
select
  organization_id, site_id, conversion_id, touch_id, person_id, model, is_default_model, goal, is_primary_goal,
  signal_type, conversion_date, touch_date, channel, source_class, platform, campaign_id, campaign, adset_id, ad_id,
  position, touch_count, credit, weight, conversions, currency, value_micros, value
from links_all
where (credit <> 0 or value_micros <> 0) and is_own_currency
