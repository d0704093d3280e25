-- reads: channel_spend
-- grain: one day and channel
-- What was spent on each day on campaigns whose visits came by the channel.
select
  cost_date as day, channel,
  total(impressions) as impressions, total(clicks) as clicks, total(spend_micros) as spend_micros
from channel_spend
where organization_id = $organization_id and currency = $currency and cost_date >= $start and cost_date <= $end
group by cost_date, channel
order by cost_date, channel
