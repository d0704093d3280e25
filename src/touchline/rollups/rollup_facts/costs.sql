-- writes: rollup_facts
-- reads: ad_costs
-- grain: one fact of one site, day, channel, ad, goal, currency and model
-- says: Costs of ads on their day, set against both bases, and at the site to which they are mapped.
-- since: 0.1
select
  a.organization_id as organization_id, a.site_id as site_id, a.cost_date as rollup_date, b.basis as basis, 0 as is_unattributed,
  '' as channel, a.platform as platform, a.campaign_id as campaign_id, a.adset_id as adset_id, a.ad_id as ad_id,
  '' as goal, a.currency as currency, '' as model, a.impressions as impressions, a.clicks as clicks,
  a.spend_micros as spend_micros, 0 as credit, 0 as value_micros, 1 as source_count
from ad_costs as a
cross join (select 'CONVERSION' as basis union all select 'TOUCH' as basis) as b
