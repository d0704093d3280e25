-- named: DailyRollup
-- includes: daily_roll_up
-- reads: organizations
-- The same as daily_roll_up, in the organization's currency, with the names that the first design of the system gave to its columns.
select
  r.organization_id as organizationId,
  r.date as date,
  r.grain as grain,
  r.entity_id as entityId,
  r.platform_id as platformId,
  r.campaign_id as campaignId,
  r.adset_id as adsetId,
  r.ad_id as adId,
  r.channel as channel,
  r.goal as goal,
  r.attribution_model as attributionModel,
  r.currency as currency,
  r.impressions as impressions,
  r.clicks as clicks,
  r.spend_micros as spendMicros,
  r.conversions as conversions,
  r.conversion_value as conversionValueMicros,
  r.cpa as cpa,
  r.roas as roas,
  r.ctr as ctr,
  r.cpc as cpc,
  r.waste_spend_micros as wasteSpendMicros,
  r.waste_pct as wastePct,
  r.organization_id as organization_id
from daily_roll_up as r
join organizations as o on o.organization_id = r.organization_id and o.currency = r.currency
