-- reads: campaigns, ad_costs
-- grain: one campaign that cost money
-- Join it by organization_id, platform and campaign_id.
with spans as (
  select organization_id, platform, campaign_id, min(cost_date) as first_date, max(cost_date) as last_date
  from ad_costs
  group by organization_id, platform, campaign_id
)
select
  k.organization_id as organization_id,
  k.platform as platform,
  k.campaign_id as campaign_id,
  k.name as campaign,
  s.first_date as first_date,
  s.last_date as last_date
from campaigns as k
join spans as s on s.organization_id = k.organization_id and s.platform = k.platform and s.campaign_id = k.campaign_id
where k.grain = 'CAMPAIGN'
