-- reads: channel_spend, organizations, campaigns
-- grain: one account, campaign, day and channel, in the organization's currency
-- A campaign's costs of a day, by the channels of its own touches of that day; what no touch explains is `(no visit)`.
select
  s.organization_id as organization_id,
  s.source as source,
  s.account_id as account_id,
  s.cost_date as date,
  nullif(s.platform, '') as platform,
  nullif(s.campaign_id, '') as campaign_id,
  coalesce(k.name, nullif(s.campaign_id, '')) as campaign,
  s.channel as channel,
  s.currency as currency,
  bounded(s.impressions) as impressions,
  bounded(s.clicks) as clicks,
  bounded(s.spend_micros) as spend_micros,
  cast(s.spend_micros as double) / 1e6 as spend
from channel_spend as s
join organizations as o on o.organization_id = s.organization_id and o.currency = s.currency
left join campaigns as k on k.organization_id = s.organization_id and k.grain = 'CAMPAIGN' and k.platform = s.platform
  and k.campaign_id = s.campaign_id
