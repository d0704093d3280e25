-- reads: daily_rollups, account_rollups, channel_spend, organizations, campaigns
-- joins: ad_names
-- grain: one day, basis, grain, entity, site, goal, currency and model; a row of costs has neither goal nor model
-- Filter on one basis and one grain, and on one model or costs: each of them holds everything; no cost is of an account.
with sums as (
  select
    organization_id, site_id, rollup_date, basis, grain, entity_id, platform, campaign_id, adset_id, ad_id, goal,
    currency, model, credit, impressions, clicks, spend_micros, value_micros, '' as account_id
  from daily_rollups
  union all
  select
    organization_id, site_id, rollup_date, basis, 'ACCOUNT' as grain,
    case account_id when '' then '(no account)' when '(no account)' then '%28no account)' else account_id end as entity_id,
    '' as platform, '' as campaign_id, '' as adset_id, '' as ad_id, goal, currency, model, credit, 0 as impressions,
    0 as clicks, 0 as spend_micros, value_micros, account_id
  from account_rollups
  union all
  select
    s.organization_id as organization_id, s.site_id as site_id, s.cost_date as rollup_date, b.basis as basis,
    'CHANNEL' as grain, s.channel as entity_id, '' as platform, '' as campaign_id, '' as adset_id, '' as ad_id,
    '' as goal, s.currency as currency, '' as model, 0 as credit, total(s.impressions) as impressions,
    total(s.clicks) as clicks, total(s.spend_micros) as spend_micros, 0 as value_micros, '' as account_id
  from channel_spend as s
  cross join (select 'CONVERSION' as basis union all select 'TOUCH' as basis) as b
  group by s.organization_id, s.site_id, s.cost_date, b.basis, s.channel, s.currency
)
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
  cast(r.value_micros as double) / 1e6 as value,
  case when r.grain = 'CHANNEL' then r.entity_id end as channel,
  nullif(r.account_id, '') as account_id
from sums as r
join organizations as o on o.organization_id = r.organization_id
