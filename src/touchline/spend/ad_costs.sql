-- writes: ad_costs
-- reads: cost_rows
-- grain: one ad of one account on one day in one currency
-- The newest load of a (source, platform, account, day) replaces what was known of that day.
with newest as (
  select
    *,
    max(load_number) over (partition by organization_id, source, platform, account_id, cost_date) as newest_load
  from cost_rows
)
select
  organization_id, source, account_id, cost_date, platform, campaign_id, adset_id, ad_id, currency,
  bounded(total(impressions)) as impressions,
  bounded(total(clicks)) as clicks,
  bounded(total(spend_micros)) as spend_micros,
  max(load_number) as load_number,
  bounded(total(platform_conversion_micros)) as platform_conversion_micros,
  bounded(total(platform_value_micros)) as platform_value_micros,
  max(spread_days) as spread_days,
  max(exchange_rate) as exchange_rate,
  bounded(total(reporting_micros)) as reporting_micros
from newest
where load_number = newest_load
group by organization_id, source, account_id, cost_date, platform, campaign_id, adset_id, ad_id, currency
