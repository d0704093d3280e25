-- reads: channel_spend
-- includes: entities_of_one_site
-- grain: one channel, or one campaign of a channel
-- What was spent in the window on campaigns whose visits of the same day came by the channel.
-- Of one of several sites: what is mapped to it, and else what is spent on campaigns that are of that site alone.
with spent as (
  select
    s.channel as channel,
    case when $is_channel = 1 then '' else s.platform end as platform,
    case when $is_channel = 1 then '' else s.campaign_id end as campaign_id,
    s.impressions as impressions, s.clicks as clicks, s.spend_micros as spend_micros
  from channel_spend as s
  left join entities_of_one_site as e on e.platform = s.platform and e.campaign_id = s.campaign_id
  where s.organization_id = $organization_id and s.currency = $currency and s.cost_date >= $start
    and s.cost_date <= $end and $channel in ('', s.channel) and $site_id in ('', coalesce(nullif(s.site_id, ''), e.site_id))
)
select
  channel, platform, campaign_id, '' as adset_id, '' as ad_id, total(impressions) as impressions,
  total(clicks) as clicks, total(spend_micros) as spend_micros
from spent
group by channel, platform, campaign_id
order by channel, platform, campaign_id
