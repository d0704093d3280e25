-- reads: ad_costs, channel_spend
-- includes: entities_of_one_site
-- grain: one ad set, or one ad, of one campaign of a channel
-- What was spent in the window on ads, cut among the channels as the campaign's costs of the day are.
-- An ad gets of a channel what it adds to the running share, in the order of the ads' ids and of the channels' names, in whole
-- micros: so the ads of a campaign add up to its spend in the channel, and the channels of an ad to what it cost.
with ads as (
  select
    organization_id, source, account_id, cost_date, platform, campaign_id, currency, adset_id, ad_id,
    total(spend_micros) as spend_micros
  from ad_costs
  where organization_id = $organization_id and currency = $currency and cost_date >= $start and cost_date <= $end
    and platform = $platform and campaign_id = $campaign_id
  group by organization_id, source, account_id, cost_date, platform, campaign_id, currency, adset_id, ad_id
),
running_ads as (
  select
    source, account_id, cost_date, adset_id, ad_id, spend_micros,
    sum(spend_micros) over (
      partition by source, account_id, cost_date order by adset_id, ad_id
      rows between unbounded preceding and current row
    ) as spent_until
  from ads
),
running_channels as (
  select
    s.source as source, s.account_id as account_id, s.cost_date as cost_date, s.channel as channel,
    s.spend_micros as spend_micros,
    sum(s.spend_micros) over (
      partition by s.source, s.account_id, s.cost_date order by s.channel
      rows between unbounded preceding and current row
    ) as spent_until,
    sum(s.spend_micros) over (partition by s.source, s.account_id, s.cost_date) as spent_in_all
  from channel_spend as s
  left join entities_of_one_site as e on e.platform = s.platform and e.campaign_id = s.campaign_id
  where s.organization_id = $organization_id and s.currency = $currency and s.cost_date >= $start
    and s.cost_date <= $end and s.platform = $platform and s.campaign_id = $campaign_id
    and $site_id in ('', coalesce(nullif(s.site_id, ''), e.site_id))
),
cut as (
  select
    a.adset_id as adset_id,
    case when $is_ad = 1 then a.ad_id else '' end as ad_id,
    case when c.spent_in_all = 0 then 0 else
      quotient(a.spent_until * c.spent_until, c.spent_in_all)
      - quotient((a.spent_until - a.spend_micros) * c.spent_until, c.spent_in_all)
      - quotient(a.spent_until * (c.spent_until - c.spend_micros), c.spent_in_all)
      + quotient((a.spent_until - a.spend_micros) * (c.spent_until - c.spend_micros), c.spent_in_all)
    end as spend_micros
  from running_ads as a
  join running_channels as c on c.source = a.source and c.account_id = a.account_id and c.cost_date = a.cost_date
  where c.channel = $channel
)
select adset_id, ad_id, total(spend_micros) as spend_micros
from cut
group by adset_id, ad_id
order by adset_id, ad_id
