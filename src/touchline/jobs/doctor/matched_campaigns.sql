-- reads: ad_costs, campaigns, campaign_clicks
-- grain: one campaign that cost money
-- How many touches count for a campaign; costs of no campaign count those of their platform.
with costs as (
  select organization_id, platform, campaign_id, total(spend_micros) as spend_micros
  from ad_costs
  where organization_id = $organization_id
  group by organization_id, platform, campaign_id
),
visited as (
  select platform, campaign_id, cast(sum(click_count) as bigint) as touches
  from campaign_clicks
  where organization_id = $organization_id and campaign_id <> ''
  group by platform, campaign_id
  union all
  select platform, '' as campaign_id, cast(sum(click_count) as bigint) as touches
  from campaign_clicks
  where organization_id = $organization_id
  group by platform
)
select
  c.organization_id as organization_id, c.platform as platform, c.campaign_id as campaign_id,
  case when n.name <> '' then n.name when c.campaign_id <> '' then c.campaign_id else '(no campaign)' end as name,
  c.spend_micros as spend_micros,
  coalesce(v.touches, 0) as touches
from costs as c
left join campaigns as n on n.organization_id = c.organization_id and n.grain = 'CAMPAIGN'
  and n.platform = c.platform and n.campaign_id = c.campaign_id
left join visited as v on v.platform = c.platform and v.campaign_id = c.campaign_id
where c.spend_micros > 0
order by c.spend_micros desc, c.platform, c.campaign_id
