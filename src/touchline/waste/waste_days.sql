-- writes: waste_findings
-- reads: daily_rollups, waste_windows
-- grain: one entity, day and model; costs have no model
-- What each entity that cost money cost on each day of the window, and the credit of its touches of that day; of the
-- organization, the credit of the conversions of that day.
with costly as (
  select distinct
    r.organization_id as organization_id, r.grain as grain, r.currency as currency, r.entity_id as entity_id
  from daily_rollups as r
  join waste_windows as w on w.organization_id = r.organization_id
  where r.model = '' and r.spend_micros > 0 and r.grain <> 'ORGANIZATION' and w.grain in ('', r.grain)
    and r.rollup_date >= w.window_start and r.rollup_date <= w.window_end
)
select
  r.organization_id as organization_id, r.grain as grain, r.currency as currency, r.entity_id as entity_id,
  r.model as model, r.rollup_date as rollup_date,
  bounded(total(r.spend_micros)) as spend_micros,
  cast(sum(r.credit) as bigint) as credit,
  bounded(total(r.value_micros)) as value_micros
from daily_rollups as r
join waste_windows as w on w.organization_id = r.organization_id
left join costly as c on c.organization_id = r.organization_id and c.grain = r.grain and c.currency = r.currency
  and c.entity_id = r.entity_id
where ((r.grain = 'ORGANIZATION' and r.basis = 'CONVERSION') or (c.entity_id is not null and r.basis = 'TOUCH'))
  and r.rollup_date >= w.window_start and r.rollup_date <= w.window_end
  and (r.model = '' or r.goal = '' or w.goal = '' or r.goal = w.goal)
group by r.organization_id, r.grain, r.currency, r.entity_id, r.model, r.rollup_date
order by r.organization_id, r.grain, r.currency, r.entity_id, r.model, r.rollup_date
