-- reads: daily_rollups, organizations, campaigns
-- joins: ad_names
-- grain: one day, basis, grain, entity, site, goal, currency and model; a row of costs has neither site, goal nor model
-- Filter on one basis and one grain, and on one model or costs: each of them holds everything.
select
  r.organization_id as organization_id,
  nullif(r.site_id, '') as site_id,
  r.rollup_date as date,
  r.basis as basis,
  r.grain as grain,
  r.entity_id as entity_id,
  nullif(r.platform, '') as platform,
  nullif(r.campaign_id, '') as campaign_id,
  coalesce(k.name, nullif(r.campaign_id, '')) as campaign,
  nullif(r.adset_id, '') as adset_id,
  coalesce(g.name, nullif(r.adset_id, '')) as adset,
  nullif(r.ad_id, '') as ad_id,
  coalesce(a.name, nullif(r.ad_id, '')) as ad,
  nullif(r.goal, '') as goal,
  r.goal = '' or o.primary_goal in ('', r.goal) as is_primary_goal,
  nullif(r.model, '') as model,
  r.model in ('', o.default_model) as is_default_model,
  r.currency as currency,
  r.currency = o.currency as is_own_currency,
  bounded(r.impressions) as impressions,
  bounded(r.clicks) as clicks,
  bounded(r.spend_micros) as spend_micros,
  cast(r.spend_micros as double) / 1e6 as spend,
  r.credit as credit,
  cast(r.credit as double) / 1e9 as conversions,
  bounded(r.value_micros) as value_micros,
  cast(r.value_micros as double) / 1e6 as value
from daily_rollups as r
join organizations as o on o.organization_id = r.organization_id
