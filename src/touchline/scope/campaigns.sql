-- writes: scope_campaigns
-- reads: changed_costs, campaigns_before, ad_costs_before, costs_of_days
-- grain: one campaign of one ad platform
-- The campaigns of which a load of costs says what is not known yet, or an ad that it says no more of.
with named as (
  select organization_id, 'CAMPAIGN' as grain, platform, campaign_id, '' as adset_id, '' as ad_id, campaign_name as name
  from changed_costs
  where campaign_id <> ''
  union
  select organization_id, 'ADSET' as grain, platform, campaign_id, adset_id, '' as ad_id, adset_name as name
  from changed_costs
  where adset_id <> ''
  union
  select organization_id, 'AD' as grain, platform, campaign_id, adset_id, ad_id, ad_name as name
  from changed_costs
  where ad_id <> ''
),
gone as (
  select organization_id, source, platform, account_id, cost_date, campaign_id, adset_id, ad_id
  from ad_costs_before
  except
  select organization_id, source, platform, account_id, cost_date, campaign_id, adset_id, ad_id
  from costs_of_days
)
select n.organization_id as organization_id, n.platform as platform, n.campaign_id as campaign_id
from named as n
left join campaigns_before as k on k.organization_id = n.organization_id and k.grain = n.grain and k.platform = n.platform
  and k.campaign_id = n.campaign_id and k.adset_id = n.adset_id and k.ad_id = n.ad_id
where k.name is null or k.name <> n.name
union
select organization_id, platform, campaign_id
from gone
