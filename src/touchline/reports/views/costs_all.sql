-- reads: ad_costs, organizations, campaigns
-- grain: one ad of one account on one day, as one source reported it, in any currency
-- What an ad cost; a newer report of a day replaces an older one.
select
  c.organization_id as organization_id,
  c.source as source,
  c.account_id as account_id,
  c.cost_date as date,
  nullif(c.platform, '') as platform,
  nullif(c.campaign_id, '') as campaign_id,
  coalesce(k.name, nullif(c.campaign_id, '')) as campaign,
  nullif(c.adset_id, '') as adset_id,
  coalesce(g.name, nullif(c.adset_id, '')) as adset,
  nullif(c.ad_id, '') as ad_id,
  coalesce(a.name, nullif(c.ad_id, '')) as ad,
  c.currency as currency,
  c.currency = o.currency as is_own_currency,
  c.impressions as impressions,
  c.clicks as clicks,
  c.spend_micros as spend_micros,
  cast(c.spend_micros as double) / 1e6 as spend
from ad_costs as c
join organizations as o on o.organization_id = c.organization_id
left join campaigns as k on k.organization_id = c.organization_id and k.grain = 'CAMPAIGN' and k.platform = c.platform
  and k.campaign_id = c.campaign_id
left join campaigns as g on g.organization_id = c.organization_id and g.grain = 'ADSET' and g.platform = c.platform
  and g.campaign_id = c.campaign_id and g.adset_id = c.adset_id
left join campaigns as a on a.organization_id = c.organization_id and a.grain = 'AD' and a.platform = c.platform
  and a.campaign_id = c.campaign_id and a.adset_id = c.adset_id and a.ad_id = c.ad_id
