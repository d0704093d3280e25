-- reads: ad_costs, campaigns, campaign_clicks
-- grain: one campaign
-- Campaigns that cost money in the window, and brought no visit in it that names them; of one of several sites, what is
-- mapped to it, as nothing else says which site they are of.
with costs as (
  select organization_id, platform, campaign_id, total(spend_micros) as spend_micros
  from ad_costs
  where organization_id = $organization_id and currency = $currency and cost_date >= $start and cost_date <= $end
    and campaign_id <> '' and $site_id in ('', site_id)
  group by organization_id, platform, campaign_id
),
visited as (
  select distinct platform, campaign_id
  from campaign_clicks
  where organization_id = $organization_id and cost_date >= $start and cost_date <= $end
)
select c.platform as platform, c.campaign_id as campaign_id, k.name as name, c.spend_micros as spend_micros
from costs as c
left join visited as v on v.platform = c.platform and v.campaign_id = c.campaign_id
left join campaigns as k on k.organization_id = c.organization_id and k.grain = 'CAMPAIGN' and k.platform = c.platform
  and k.campaign_id = c.campaign_id
where v.campaign_id is null and c.spend_micros > 0
order by c.spend_micros desc, c.platform, c.campaign_id
limit $limit
