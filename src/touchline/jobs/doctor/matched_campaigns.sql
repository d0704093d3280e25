-- reads: ad_costs, campaigns, touchpoints, evidence_channels
-- grain: one campaign that cost money
-- How many touches carry a campaign's id or name.
with costs as (
  select organization_id, platform, campaign_id, total(spend_micros) as spend_micros
  from ad_costs
  where organization_id = $organization_id
  group by organization_id, platform, campaign_id
),
marks as (
  select e.platform as platform, lower(t.campaign_ref) as mark
  from touchpoints as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where t.organization_id = $organization_id and t.campaign_ref is not null
  union all
  select e.platform as platform, lower(t.utm_campaign) as mark
  from touchpoints as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where t.organization_id = $organization_id and t.utm_campaign is not null
),
counted as (
  select platform, mark, count(*) as touches
  from marks
  group by platform, mark
)
select
  c.organization_id as organization_id, c.platform as platform, c.campaign_id as campaign_id,
  coalesce(n.name, c.campaign_id) as name, c.spend_micros as spend_micros,
  case when coalesce(m.touches, 0) > coalesce(k.touches, 0) then coalesce(m.touches, 0)
    else coalesce(k.touches, 0) end as touches
from costs as c
left join campaigns as n on n.organization_id = c.organization_id and n.grain = 'CAMPAIGN'
  and n.platform = c.platform and n.campaign_id = c.campaign_id
left join counted as m on m.platform = c.platform and m.mark = lower(c.campaign_id)
left join counted as k on k.platform = c.platform and k.mark = lower(n.name)
where c.spend_micros > 0
order by c.spend_micros desc, c.platform, c.campaign_id
