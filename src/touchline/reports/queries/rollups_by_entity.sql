-- reads: daily_rollups, campaigns
-- grain: one entity of one grain under one model; costs have the model ''
-- What each entity cost and earned in the window; what was never reported is null.
with totals as (
  select
    organization_id, grain, entity_id, platform, campaign_id, adset_id, ad_id, model,
    total(case when model = '' then impressions end) as impressions,
    total(case when model = '' then clicks end) as clicks,
    total(case when model = '' then spend_micros end) as spend_micros,
    cast(sum(credit) as bigint) as credit,
    total(value_micros) as value_micros
  from daily_rollups
  where organization_id = $organization_id and basis = $basis and grain = $grain and currency = $currency
    and (goal = '' or $goal = '' or goal = $goal)
    and rollup_date >= $start and rollup_date <= $end
  group by organization_id, grain, entity_id, platform, campaign_id, adset_id, ad_id, model
)
select
  t.entity_id as entity_id, t.platform as platform, t.campaign_id as campaign_id, t.adset_id as adset_id,
  t.ad_id as ad_id, n.name as name, k.name as campaign_name, t.model as model, t.impressions as impressions, t.clicks as clicks,
  t.spend_micros as spend_micros, t.credit as credit, t.value_micros as value_micros
from totals as t
left join campaigns as n on n.organization_id = t.organization_id and n.grain = t.grain and n.platform = t.platform
  and n.campaign_id = t.campaign_id and n.adset_id = t.adset_id and n.ad_id = t.ad_id
left join campaigns as k on k.organization_id = t.organization_id and k.grain = 'CAMPAIGN' and k.platform = t.platform
  and k.campaign_id = t.campaign_id
