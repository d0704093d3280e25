-- reads: touchpoints, evidence_channels, ad_costs
-- grain: one ad platform
-- On how many days bought visits came from the platform, and on how many of those it has no costs.
with visited as (
  select
    e.platform as platform, t.touch_date as touch_date, count(*) as touches
  from touchpoints as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where t.organization_id = $organization_id and e.platform <> '' and e.is_paid
  group by e.platform, t.touch_date
),
paid as (
  select distinct platform, cost_date
  from ad_costs
  where organization_id = $organization_id
)
select
  v.platform as platform, count(*) as days,
  cast(sum(case when p.cost_date is null then 1 else 0 end) as bigint) as days_without,
  min(case when p.cost_date is null then v.touch_date end) as first_day,
  max(case when p.cost_date is null then v.touch_date end) as last_day
from visited as v
left join paid as p on p.platform = v.platform and p.cost_date = v.touch_date
group by v.platform
order by v.platform
