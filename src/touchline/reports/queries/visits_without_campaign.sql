-- reads: campaigns, campaign_clicks, daily_rollups
-- grain: one text by which visits of an ad platform name a campaign
-- Visits of the window on a platform whose costs are known that name no campaign with costs; with what they earned.
with clicked as (
  select platform, campaign_id, cast(sum(click_count) as bigint) as visits
  from campaign_clicks
  where organization_id = $organization_id and cost_date >= $start and cost_date <= $end
    and $site_id in ('', site_id)
  group by platform, campaign_id
),
earned as (
  select platform, campaign_id, cast(sum(credit) as bigint) as credit, total(value_micros) as value_micros
  from daily_rollups
  where organization_id = $organization_id and basis = 'TOUCH' and grain = 'CAMPAIGN' and model = $model
    and currency = $currency and ($goal = '' or goal = $goal) and rollup_date >= $start and rollup_date <= $end
    and $site_id in ('', site_id)
  group by platform, campaign_id
),
known as (
  select platform, campaign_id
  from campaigns
  where organization_id = $organization_id and grain = 'CAMPAIGN'
)
select
  c.platform as platform, c.campaign_id as said, c.visits as visits, coalesce(e.credit, 0) as credit,
  bounded(coalesce(e.value_micros, 0)) as value_micros
from clicked as c
join (select distinct platform from known) as p on p.platform = c.platform
left join known as k on k.platform = c.platform and k.campaign_id = c.campaign_id
left join earned as e on e.platform = c.platform and e.campaign_id = c.campaign_id
where k.campaign_id is null
order by c.visits desc, c.platform, c.campaign_id
limit $limit
