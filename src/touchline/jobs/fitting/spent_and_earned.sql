-- reads: daily_rollups, organizations
-- grain: one model and one currency
-- What was spent on platforms, and the credit that they were given, for the primary goal where there is one.
with facts as (
  select r.currency as currency, r.model as model, r.spend_micros as spend_micros, r.credit as credit,
    r.entity_id as entity_id
  from daily_rollups as r
  join organizations as o on o.organization_id = r.organization_id
  where r.organization_id = $organization_id and r.basis = 'CONVERSION' and r.grain = 'PLATFORM'
    and r.rollup_date >= $window_start and r.rollup_date <= $window_end
    and (r.goal = '' or o.primary_goal = '' or r.goal = o.primary_goal)
),
costs as (
  select currency, entity_id, total(spend_micros) as spend_micros
  from facts
  where model = ''
  group by currency, entity_id
),
credits as (
  select currency, model, entity_id, sum(credit) as credit
  from facts
  where model <> ''
  group by currency, model, entity_id
),
models_paid as (
  select c.currency as currency, k.model as model, sum(k.credit) as credit
  from costs as c
  join credits as k on k.currency = c.currency and k.entity_id = c.entity_id
  where c.spend_micros > 0
  group by c.currency, k.model
),
spent as (
  select currency, total(spend_micros) as spend_micros
  from costs
  where spend_micros > 0
  group by currency
)
select
  m.currency as currency, m.model as model, s.spend_micros as spend_micros,
  cast(m.credit as bigint) as credit
from models_paid as m
join spent as s on s.currency = m.currency
order by m.currency, m.model
