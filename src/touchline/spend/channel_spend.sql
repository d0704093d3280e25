-- writes: channel_spend
-- reads: ad_costs, campaign_clicks
-- grain: one account, campaign, day, currency and channel
-- A campaign's costs of a day go to the channels of its own clicks of that day, in whole micros: each gets what it adds to
-- the running share, in the order of the channels' names. Costs of no campaign go by all clicks of the ad platform.
-- Costs on a day without a click are of the channel (no visit).
with costs as (
  select
    organization_id, source, account_id, cost_date, platform, campaign_id, currency, min(site_id) as site_id,
    total(impressions) as impressions, total(clicks) as clicks, total(spend_micros) as spend_micros
  from ad_costs
  group by organization_id, source, account_id, cost_date, platform, campaign_id, currency
),
brought as (
  select organization_id, cost_date, platform, campaign_id, channel, cast(sum(click_count) as bigint) as click_count
  from campaign_clicks
  where campaign_id <> ''
  group by organization_id, cost_date, platform, campaign_id, channel
  union all
  select organization_id, cost_date, platform, '' as campaign_id, channel, cast(sum(click_count) as bigint) as click_count
  from campaign_clicks
  group by organization_id, cost_date, platform, channel
),
running as (
  select
    organization_id, cost_date, platform, campaign_id, channel, click_count,
    cast(sum(click_count) over (
      partition by organization_id, cost_date, platform, campaign_id order by channel
      rows between unbounded preceding and current row
    ) as bigint) as clicks_until,
    cast(sum(click_count) over (
      partition by organization_id, cost_date, platform, campaign_id
    ) as bigint) as clicks_in_all
  from brought
),
shares as (
  select
    c.organization_id as organization_id, c.source as source, c.account_id as account_id, c.cost_date as cost_date,
    c.platform as platform, c.campaign_id as campaign_id, c.currency as currency, c.site_id as site_id,
    coalesce(r.channel, '(no visit)') as channel,
    coalesce(r.clicks_until - r.click_count, 0) as share_before,
    coalesce(r.clicks_until, 1) as share_until,
    coalesce(r.clicks_in_all, 1) as share_total,
    c.impressions as impressions, c.clicks as clicks, c.spend_micros as spend_micros
  from costs as c
  left join running as r on r.organization_id = c.organization_id and r.cost_date = c.cost_date
    and r.platform = c.platform and r.campaign_id = c.campaign_id
)
select
  organization_id, source, account_id, cost_date, platform, campaign_id, channel, currency, site_id,
  quotient(impressions * share_until, share_total) - quotient(impressions * share_before, share_total) as impressions,
  quotient(clicks * share_until, share_total) - quotient(clicks * share_before, share_total) as clicks,
  quotient(spend_micros * share_until, share_total)
    - quotient(spend_micros * share_before, share_total) as spend_micros
from shares
