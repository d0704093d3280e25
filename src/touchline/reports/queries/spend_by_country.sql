-- reads: cost_rows, ad_costs
-- includes: entities_of_one_site
-- grain: one platform and country
-- What was spent in the window by the country that the export names; empty where it names none. Of one of several sites:
-- what is mapped to it, and else what is spent on campaigns that are of that site alone.
with standing as (
  select
    r.platform as platform, coalesce(r.country, '') as country, r.impressions as impressions, r.clicks as clicks,
    case when a.exchange_rate is null then r.spend_micros else r.reporting_micros end as spend_micros
  from cost_rows as r
  join ad_costs as a on a.organization_id = r.organization_id and a.source = r.source and a.account_id = r.account_id
    and a.cost_date = r.cost_date and a.platform = r.platform and a.campaign_id = r.campaign_id
    and a.adset_id = r.adset_id and a.ad_id = r.ad_id and a.native_currency = r.currency and a.load_number = r.load_number
  left join entities_of_one_site as e on e.platform = r.platform and e.campaign_id = r.campaign_id
  where r.organization_id = $organization_id and a.currency = $currency and r.cost_date >= $start and r.cost_date <= $end
    and $site_id in ('', coalesce(nullif(a.site_id, ''), e.site_id))
)
select
  platform, country, total(impressions) as impressions, total(clicks) as clicks, total(spend_micros) as spend_micros
from standing
group by platform, country
order by platform, country
