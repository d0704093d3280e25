-- One day, grain and entity under one model: what it cost and what it earned, by the day of the conversion.
with models_used as (
  select organization_id, model from models
),
facts as (
  select
    r.organization_id as organization_id,
    r.rollup_date as rollup_date,
    r.grain as grain,
    r.entity_id as entity_id,
    r.platform as platform,
    r.campaign_id as campaign_id,
    r.adset_id as adset_id,
    r.ad_id as ad_id,
    r.currency as currency,
    m.model as model,
    r.impressions as impressions,
    r.clicks as clicks,
    r.spend_micros as spend_micros,
    r.credit as credit,
    r.value_micros as value_micros
  from daily_rollups as r
  join models_used as m on m.organization_id = r.organization_id and (r.model = m.model or r.model = '')
  where r.basis = 'CONVERSION'
),
totals as (
  select
    organization_id, rollup_date, grain, entity_id, platform, campaign_id, adset_id, ad_id, currency, model,
    bounded(total(impressions)) as impressions,
    bounded(total(clicks)) as clicks,
    bounded(total(spend_micros)) as spend_micros,
    sum(credit) as credit,
    bounded(total(value_micros)) as value_micros
  from facts
  group by organization_id, rollup_date, grain, entity_id, platform, campaign_id, adset_id, ad_id, currency, model
)
select
  organization_id,
  rollup_date as date,
  grain,
  entity_id,
  nullif(platform, '') as platform_id,
  case when campaign_id = '' then null else organization_id || '/' || platform || '/' || campaign_id end as campaign_id,
  nullif(adset_id, '') as adset_id,
  nullif(ad_id, '') as ad_id,
  currency,
  model as attribution_model,
  impressions,
  clicks,
  spend_micros,
  credit / 1e9 as conversions,
  value_micros as conversion_value,
  spend_micros / 1e6 / nullif(credit / 1e9, 0) as cpa,
  value_micros / cast(nullif(spend_micros, 0) as double) as roas,
  clicks / cast(nullif(impressions, 0) as double) as ctr,
  spend_micros / 1e6 / nullif(clicks, 0) as cpc,
  case when credit = 0 then spend_micros else 0 end as waste_spend_micros,
  case when spend_micros = 0 then null when credit = 0 then 100.0 else 0.0 end as waste_pct
from totals
