-- One day, grain and entity under one model: what it cost and what it earned of the primary goal, by the day of the conversion.
-- Waste is what the rows of the default model call it, so that it is the same money once. A rate without a cost is null.
with models_used as (
  select m.organization_id as organization_id, m.model as model, o.primary_goal as primary_goal,
    m.model = o.default_model as is_default_model
  from models as m
  join organizations as o on o.organization_id = m.organization_id
),
sums as (
  select
    organization_id, rollup_date, grain, entity_id, platform, campaign_id, adset_id, ad_id, goal, currency, model,
    impressions, clicks, spend_micros, credit, value_micros
  from daily_rollups
  where basis = 'CONVERSION'
  union all
  select
    organization_id, cost_date as rollup_date, 'CHANNEL' as grain, channel as entity_id, '' as platform,
    '' as campaign_id, '' as adset_id, '' as ad_id, '' as goal, currency, '' as model,
    impressions, clicks, spend_micros, 0 as credit, 0 as value_micros
  from channel_spend
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
    m.primary_goal as goal,
    m.is_default_model as is_default_model,
    r.impressions as impressions,
    r.clicks as clicks,
    r.spend_micros as spend_micros,
    r.credit as credit,
    r.value_micros as value_micros
  from sums as r
  join models_used as m on m.organization_id = r.organization_id and (r.model = m.model or r.model = '')
    and (r.goal = '' or m.primary_goal in ('', r.goal))
),
totals as (
  select
    organization_id, rollup_date, grain, entity_id, platform, campaign_id, adset_id, ad_id, currency, model, goal,
    is_default_model,
    bounded(total(impressions)) as impressions,
    bounded(total(clicks)) as clicks,
    bounded(total(spend_micros)) as spend_micros,
    sum(credit) as credit,
    bounded(total(value_micros)) as value_micros
  from facts
  group by organization_id, rollup_date, grain, entity_id, platform, campaign_id, adset_id, ad_id, currency, model,
    goal, is_default_model
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
  nullif(spend_micros, 0) / 1e6 / nullif(credit / 1e9, 0) as cpa,
  value_micros / cast(nullif(spend_micros, 0) as double) as roas,
  clicks / cast(nullif(impressions, 0) as double) as ctr,
  nullif(spend_micros, 0) / 1e6 / nullif(clicks, 0) as cpc,
  case when credit = 0 and is_default_model then spend_micros else 0 end as waste_spend_micros,
  case when spend_micros = 0 or not is_default_model then null when credit = 0 then 100.0 else 0.0 end as waste_pct,
  nullif(goal, '') as goal,
  case when grain = 'CHANNEL' then entity_id end as channel
from totals
