-- writes: ad_costs
-- reads: cost_rows, organizations, cost_sites
-- grain: one ad of one account on one day, paid in one currency
-- The newest load of a (source, platform, account, day) replaces what was known of that day. Money is in the organization's
-- currency where each row has a rate, else in its own; the native columns say what was paid. The site is the one
-- to which a campaign is mapped in the account, else in any account, else the account; empty where nothing is mapped.
with newest as (
  select
    *,
    max(load_number) over (partition by organization_id, source, platform, account_id, cost_date) as newest_load
  from cost_rows
),
summed as (
  select
    organization_id, source, account_id, cost_date, platform, campaign_id, adset_id, ad_id, currency,
    total(impressions) as impressions,
    total(clicks) as clicks,
    total(spend_micros) as spend_micros,
    max(load_number) as load_number,
    total(platform_conversion_micros) as platform_conversion_micros,
    total(platform_value_micros) as platform_value_micros,
    max(spread_days) as spread_days,
    max(exchange_rate) as exchange_rate,
    total(reporting_micros) as reporting_micros,
    total(reporting_value_micros) as reporting_value_micros,
    case when count(*) = count(reporting_micros) then 1 else 0 end as is_converted,
    case when count(platform_value_micros) = count(reporting_value_micros) then 1 else 0 end as is_value_converted
  from newest
  where load_number = newest_load
  group by organization_id, source, account_id, cost_date, platform, campaign_id, adset_id, ad_id, currency
)
select
  s.organization_id as organization_id, s.source as source, s.account_id as account_id, s.cost_date as cost_date,
  s.platform as platform, s.campaign_id as campaign_id, s.adset_id as adset_id, s.ad_id as ad_id,
  case when s.is_converted = 1 then o.currency else s.currency end as currency,
  bounded(s.impressions) as impressions,
  bounded(s.clicks) as clicks,
  bounded(case when s.is_converted = 1 then s.reporting_micros else s.spend_micros end) as spend_micros,
  s.load_number as load_number,
  bounded(s.platform_conversion_micros) as platform_conversion_micros,
  bounded(case when s.is_converted = 0 then s.platform_value_micros
    when s.is_value_converted = 1 then s.reporting_value_micros end) as platform_value_micros,
  s.spread_days as spread_days,
  s.currency as native_currency,
  bounded(s.spend_micros) as native_spend_micros,
  case when s.is_converted = 1 then s.exchange_rate end as exchange_rate,
  coalesce(b.site_id, k.site_id, a.site_id, '') as site_id
from summed as s
join organizations as o on o.organization_id = s.organization_id
left join cost_sites as b on b.organization_id = s.organization_id and b.platform = s.platform
  and b.account_id = s.account_id and b.campaign_id = s.campaign_id
left join cost_sites as k on k.organization_id = s.organization_id and k.platform = s.platform
  and k.campaign_id = s.campaign_id and k.account_id = ''
left join cost_sites as a on a.organization_id = s.organization_id and a.platform = s.platform
  and a.account_id = s.account_id and a.campaign_id = ''
