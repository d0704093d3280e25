-- writes: campaign_names
-- reads: cost_rows, campaigns
-- grain: one text by which a campaign, ad set or ad is known
-- Its id, and every name that a cost report ever gave that id: a campaign that is renamed keeps what its old links bring.
with named as (
  select organization_id, 'CAMPAIGN' as grain, platform, campaign_id, '' as adset_id, '' as ad_id, campaign_name as name
  from cost_rows
  union all
  select organization_id, 'ADSET' as grain, platform, campaign_id, adset_id, '' as ad_id, adset_name as name
  from cost_rows
  union all
  select organization_id, 'AD' as grain, platform, campaign_id, adset_id, ad_id, ad_name as name
  from cost_rows
)
select
  organization_id, grain, platform, campaign_id, adset_id, ad_id,
  lower(case grain when 'CAMPAIGN' then campaign_id when 'ADSET' then adset_id else ad_id end) as match_key,
  true as is_id
from campaigns
union all
select distinct
  k.organization_id as organization_id, k.grain as grain, k.platform as platform, k.campaign_id as campaign_id,
  k.adset_id as adset_id, k.ad_id as ad_id, lower(n.name) as match_key, false as is_id
from named as n
join campaigns as k on k.organization_id = n.organization_id and k.grain = n.grain and k.platform = n.platform
  and k.campaign_id = n.campaign_id and k.adset_id = n.adset_id and k.ad_id = n.ad_id
where n.name <> ''
