-- writes: campaign_clicks
-- reads: touchpoints, placed_touches, evidence_channels
-- grain: one campaign of one ad platform, site, day and channel
-- How many touches the campaign brought.
select
  t.organization_id as organization_id,
  t.site_id as site_id,
  p.touch_date as cost_date,
  p.platform as platform,
  p.campaign_id as campaign_id,
  e.channel as channel,
  count(*) as click_count
from placed_touches as p
join touchpoints as t on t.touchpoint_id = p.touchpoint_id
join evidence_channels as e on e.evidence_id = t.evidence_id
where p.platform <> ''
group by t.organization_id, t.site_id, p.touch_date, p.platform, p.campaign_id, e.channel
