-- reads: campaign_clicks, campaigns
-- grain: one site, channel, ad platform and day
-- place: 31
-- says: Touches of ad platforms whose campaign has costs
-- numerator: touches whose campaign is in the ad costs
-- denominator: touches that name a campaign, of ad platforms with ad costs
-- worse: below
-- judged: never, costs come later than clicks
-- owner: marketing
-- slices: channel platform
-- since: 0.2
with known as (
  select distinct platform, campaign_id
  from campaigns
  where organization_id = $organization_id and campaign_id <> ''
),
with_costs as (
  select distinct platform
  from known
)
select
  c.site_id as site_id, c.channel as channel, '' as goal, c.platform as platform, c.cost_date as period,
  cast(sum(case when k.campaign_id is null then 0 else c.click_count end) as bigint) as numerator,
  cast(sum(c.click_count) as bigint) as denominator
from campaign_clicks as c
join with_costs as w on w.platform = c.platform
left join known as k on k.platform = c.platform and k.campaign_id = c.campaign_id
where c.organization_id = $organization_id and c.campaign_id <> ''
group by c.site_id, c.channel, c.platform, c.cost_date
order by c.site_id, c.channel, c.platform, c.cost_date
