-- writes: campaigns
-- reads: cost_rows, ad_costs
-- grain: one campaign, ad set or ad of one ad platform
-- A campaign's name is the one it had on its newest day.
with standing as (
  select distinct
    r.organization_id as organization_id, r.platform as platform, r.cost_date as cost_date,
    r.load_number as load_number,
    r.campaign_id as campaign_id, r.campaign_name as campaign_name,
    r.adset_id as adset_id, r.adset_name as adset_name,
    r.ad_id as ad_id, r.ad_name as ad_name
  from cost_rows as r
  join ad_costs as a on a.organization_id = r.organization_id and a.source = r.source and a.account_id = r.account_id
    and a.cost_date = r.cost_date and a.platform = r.platform and a.campaign_id = r.campaign_id
    and a.adset_id = r.adset_id and a.ad_id = r.ad_id and a.native_currency = r.currency and a.load_number = r.load_number
),
named as (
  select organization_id, 'CAMPAIGN' as grain, platform, campaign_id, '' as adset_id, '' as ad_id,
    campaign_name as name, cost_date, load_number
  from standing
  where campaign_id <> ''
  union all
  select organization_id, 'ADSET' as grain, platform, campaign_id, adset_id, '' as ad_id,
    adset_name as name, cost_date, load_number
  from standing
  where adset_id <> ''
  union all
  select organization_id, 'AD' as grain, platform, campaign_id, adset_id, ad_id,
    ad_name as name, cost_date, load_number
  from standing
  where ad_id <> ''
),
ranked as (
  select
    *,
    row_number() over (
      partition by organization_id, grain, platform, campaign_id, adset_id, ad_id
      order by cost_date desc, load_number desc, name
    ) as newness
  from named
)
select organization_id, grain, platform, campaign_id, adset_id, ad_id, name
from ranked
where newness = 1
