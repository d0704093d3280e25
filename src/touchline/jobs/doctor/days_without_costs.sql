-- reads: touchpoints, evidence_channels, ad_costs
-- grain: one ad platform of one organization
-- On how many days bought visits came from the platform, and on how many of those it has no costs.
with visited as (
  select
    t.organization_id as organization_id, e.platform as platform, t.touch_date as touch_date, count(*) as touches
  from touchpoints as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where e.platform <> ''
  group by t.organization_id, e.platform, t.touch_date
),
paid as (
  select distinct organization_id, platform, cost_date
  from ad_costs
)
select
  v.organization_id as organization_id, v.platform as platform, count(*) as days,
  cast(sum(case when p.cost_date is null then 1 else 0 end) as bigint) as days_without,
  min(case when p.cost_date is null then v.touch_date end) as first_day,
  max(case when p.cost_date is null then v.touch_date end) as last_day
from visited as v
left join paid as p on p.organization_id = v.organization_id and p.platform = v.platform and p.cost_date = v.touch_date
group by v.organization_id, v.platform
order by v.organization_id, v.platform
