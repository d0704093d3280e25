-- writes: waste_findings
-- reads: daily_rollups, organizations
-- grain: one entity, day and model; costs have no model
-- What each entity cost on each day of the window, and the credit of its touches of that day; of the organization, the
-- credit of the conversions of that day.
with windows as (
  select
    r.organization_id as organization_id,
    o.primary_goal as primary_goal,
    max(r.rollup_date) as window_end,
    max(r.rollup_date) - cast(o.waste_window_days as integer) + 1 as window_start
  from daily_rollups as r
  join organizations as o on o.organization_id = r.organization_id
  group by r.organization_id, o.primary_goal, o.waste_window_days
)
select
  r.organization_id as organization_id, r.grain as grain, r.currency as currency, r.entity_id as entity_id,
  r.model as model, r.rollup_date as rollup_date,
  bounded(total(r.spend_micros)) as spend_micros,
  cast(sum(r.credit) as bigint) as credit,
  bounded(total(r.value_micros)) as value_micros
from daily_rollups as r
join windows as w on w.organization_id = r.organization_id
where r.basis = case r.grain when 'ORGANIZATION' then 'CONVERSION' else 'TOUCH' end and r.rollup_date >= w.window_start
  and (r.model = '' or r.goal = '' or w.primary_goal = '' or r.goal = w.primary_goal)
group by r.organization_id, r.grain, r.currency, r.entity_id, r.model, r.rollup_date
order by r.organization_id, r.grain, r.currency, r.entity_id, r.model, r.rollup_date
