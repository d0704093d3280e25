-- includes: rollups_all
-- grain: one day, ad, site and goal: its costs, or what it earned
-- By the day of the conversion, under the organization's default model, for its primary goal, in its currency. Every column can be added up.
select
  organization_id, site_id, date, basis, entity_id, platform, campaign_id, campaign, adset_id, adset, ad_id, ad, goal,
  model, currency, impressions, clicks, spend_micros, spend, credit, conversions, value_micros, value
from rollups_all
where basis = 'CONVERSION' and grain = 'AD' and is_default_model and is_primary_goal and is_own_currency
