-- reads: daily_rollups, campaigns
-- includes: entities_of_one_site
-- grain: one entity of one grain under one model; costs have the model ''
-- What each entity cost and earned in the window; what was never reported is null.
-- Of one of several sites: what it earned there, and its costs that are of the site, as spend_of_site says; they are null
-- where some of its costs are of no one site, as a part of the spend looks cheaper than it is.
with facts as (
  select
    r.organization_id as organization_id, r.grain as grain, r.entity_id as entity_id, r.platform as platform,
    r.campaign_id as campaign_id, r.adset_id as adset_id, r.ad_id as ad_id, r.model as model,
    r.impressions as impressions, r.clicks as clicks, r.spend_micros as spend_micros, r.credit as credit,
    r.value_micros as value_micros,
    case when $site_id in ('', r.site_id) or (r.model = '' and r.site_id = '' and e.site_id = $site_id)
      then 1 else 0 end as is_of_site,
    case when $site_id <> '' and r.model = '' and r.site_id = '' and e.site_id is null then 1 else 0 end as is_of_no_one
  from daily_rollups as r
  left join entities_of_one_site as e on e.platform = r.platform and e.campaign_id = r.campaign_id
    and e.adset_id = r.adset_id and e.ad_id = r.ad_id
  where r.organization_id = $organization_id and r.basis = $basis and r.grain = $grain and r.currency = $currency
    and (r.goal = '' or $goal = '' or r.goal = $goal)
    and r.rollup_date >= $start and r.rollup_date <= $end
),
partly as (
  select platform, campaign_id, adset_id, ad_id
  from facts
  where is_of_no_one = 1
  group by platform, campaign_id, adset_id, ad_id
),
totals as (
  select
    r.organization_id as organization_id, r.grain as grain, r.entity_id as entity_id, r.platform as platform,
    r.campaign_id as campaign_id, r.adset_id as adset_id, r.ad_id as ad_id, r.model as model,
    total(case when r.model = '' and p.platform is null then r.impressions end) as impressions,
    total(case when r.model = '' and p.platform is null then r.clicks end) as clicks,
    total(case when r.model = '' and p.platform is null then r.spend_micros end) as spend_micros,
    cast(sum(r.credit) as bigint) as credit,
    total(r.value_micros) as value_micros
  from facts as r
  left join partly as p on p.platform = r.platform and p.campaign_id = r.campaign_id and p.adset_id = r.adset_id
    and p.ad_id = r.ad_id
  where r.is_of_site = 1
  group by
    r.organization_id, r.grain, r.entity_id, r.platform, r.campaign_id, r.adset_id, r.ad_id, r.model
)
select
  t.entity_id as entity_id, t.platform as platform, t.campaign_id as campaign_id, t.adset_id as adset_id,
  t.ad_id as ad_id, n.name as name, k.name as campaign_name, t.model as model,
  t.impressions as impressions,
  t.clicks as clicks,
  t.spend_micros as spend_micros, t.credit as credit, t.value_micros as value_micros
from totals as t
left join campaigns as n on n.organization_id = t.organization_id and n.grain = t.grain and n.platform = t.platform
  and n.campaign_id = t.campaign_id and n.adset_id = t.adset_id and n.ad_id = t.ad_id
left join campaigns as k on k.organization_id = t.organization_id and k.grain = 'CAMPAIGN' and k.platform = t.platform
  and k.campaign_id = t.campaign_id
