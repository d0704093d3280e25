-- includes: costs_all
-- grain: one ad of one account on one day, as one source reported it, in the organization's currency
-- What an ad cost; a newer report of a day replaces an older one.
select
  organization_id, source, account_id, date, platform, campaign_id, campaign, adset_id, adset, ad_id, ad, currency,
  impressions, clicks, spend_micros, spend
from costs_all
where is_own_currency
