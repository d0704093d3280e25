-- reads: ad_costs, organizations, campaigns
-- joins: ad_names
-- grain: one ad of one account on one day, as one source reported it, in any currency
-- What an ad cost; a newer report of a day replaces an older one.
select
  r.organization_id as organization_id,
  r.source as source,
  r.account_id as account_id,
  r.cost_date as date,
  nullif(r.platform, '') as platform,
  nullif(r.campaign_id, '') as campaign_id,
  coalesce(k.name, nullif(r.campaign_id, '')) as campaign,
  nullif(r.adset_id, '') as adset_id,
  coalesce(g.name, nullif(r.adset_id, '')) as adset,
  nullif(r.ad_id, '') as ad_id,
  coalesce(a.name, nullif(r.ad_id, '')) as ad,
  r.currency as currency,
  r.currency = o.currency as is_own_currency,
  r.impressions as impressions,
  r.clicks as clicks,
  r.spend_micros as spend_micros,
  cast(r.spend_micros as double) / 1e6 as spend,
  cast(r.platform_conversion_micros as double) / 1e6 as platform_conversions,
  r.platform_value_micros as platform_value_micros,
  cast(r.platform_value_micros as double) / 1e6 as platform_value,
  r.spread_days as spread_days,
  r.exchange_rate as exchange_rate,
  case when r.currency = o.currency then r.spend_micros end as reporting_micros,
  cast(case when r.currency = o.currency then r.spend_micros end as double) / 1e6 as reporting,
  r.native_currency as native_currency,
  r.native_spend_micros as native_spend_micros,
  nullif(r.site_id, '') as site_id
from ad_costs as r
join organizations as o on o.organization_id = r.organization_id
