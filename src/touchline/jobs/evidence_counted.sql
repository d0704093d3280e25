-- reads: touchpoints, evidence_channels, attribution_links, organizations
-- grain: one distinct evidence that touches of the organization show
-- Every distinct evidence with its touches, the sessions that show it, and its credit under the default model.
with shown as (
  select evidence_id, count(*) as touches, count(distinct session_id) as sessions
  from touchpoints
  where organization_id = $organization_id
  group by evidence_id
),
credited as (
  select t.evidence_id as evidence_id, total(l.credit) as credit
  from attribution_links as l
  join organizations as o on o.organization_id = l.organization_id and o.default_model = l.model
  join touchpoints as t on t.touchpoint_id = l.touchpoint_id
  where l.organization_id = $organization_id
  group by t.evidence_id
)
select
  e.utm_source as utm_source, e.utm_medium as utm_medium, e.utm_campaign as utm_campaign,
  e.click_id_names as click_id_names, e.referrer_host as referrer_host, e.has_past_click as has_past_click,
  e.app as app, s.touches as touches, s.sessions as sessions, coalesce(c.credit, 0) as credit
from shown as s
join evidence_channels as e on e.evidence_id = s.evidence_id
left join credited as c on c.evidence_id = s.evidence_id
order by s.touches desc, e.evidence_id
