-- reads: paths, conversions, placed_touches, campaigns
-- grain: one site, goal and day
-- place: 8
-- says: Conversions with a touch of a campaign that has costs
-- needs: costs
-- owner: marketing
-- since: 0.2
with costly as (
  select distinct platform, campaign_id
  from campaigns
  where organization_id = $organization_id and campaign_id <> ''
),
joined as (
  select distinct p.conversion_id as conversion_id
  from paths as p
  join placed_touches as t on t.touchpoint_id = p.touchpoint_id
  join costly as c on c.platform = t.platform and c.campaign_id = t.campaign_id
  where p.organization_id = $organization_id and p.channel <> 'Direct'
)
select c.site_id as site_id, c.goal as goal, c.conversion_date as period, count(*) as reached
from conversions as c
join joined as j on j.conversion_id = c.conversion_id
where c.organization_id = $organization_id and c.is_counted and c.conversion_date >= $start
  and c.conversion_date <= $end
group by c.site_id, c.goal, c.conversion_date
order by c.site_id, c.goal, c.conversion_date
