-- reads: daily_rollups, channel_spend
-- grain: one currency, grain, basis and model
-- What the rollups add up to.
with sums as (
  select organization_id, currency, grain, basis, model, credit, value_micros, spend_micros
  from daily_rollups
  union all
  select c.organization_id as organization_id, c.currency as currency, 'CHANNEL' as grain, b.basis as basis, '' as model,
    0 as credit, 0 as value_micros, c.spend_micros as spend_micros
  from channel_spend as c
  cross join (select 'CONVERSION' as basis union all select 'TOUCH' as basis) as b
)
select
  currency, grain, basis, model,
  cast(sum(credit) as bigint) as credit, total(value_micros) as value_micros,
  total(spend_micros) as spend_micros
from sums
where organization_id = $organization_id
group by currency, grain, basis, model
order by currency, grain, basis, model
