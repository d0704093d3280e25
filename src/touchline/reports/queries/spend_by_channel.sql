-- reads: channel_spend
-- includes: entities_of_one_site
-- grain: one channel
-- What was spent in the window on campaigns whose visits of the same day came by the channel.
-- Of one of several sites: what is mapped to it, and else what is spent on campaigns that are of that site alone.
select
  s.channel as channel,
  total(s.impressions) as impressions,
  total(s.clicks) as clicks,
  total(s.spend_micros) as spend_micros
from channel_spend as s
left join entities_of_one_site as e on e.platform = s.platform and e.campaign_id = s.campaign_id
where s.organization_id = $organization_id and s.currency = $currency and s.cost_date >= $start and s.cost_date <= $end
  and $site_id in ('', coalesce(nullif(s.site_id, ''), e.site_id))
group by s.channel
order by s.channel
