-- writes: rollup_facts
-- reads: rollup_credits
-- grain: one fact of one site, day, channel, ad, goal, currency and model
-- says: Credit on the day of the touch.
-- since: 0.1
select
  organization_id, site_id, touch_date as rollup_date, 'TOUCH' as basis, is_unattributed, channel, platform, campaign_id, adset_id, ad_id,
  goal, currency, model, 0 as impressions, 0 as clicks, 0 as spend_micros, credit, value_micros, source_count
from rollup_credits
