-- reads: daily_rollups
-- grain: one currency, grain, basis and model
-- What the rollups add up to.
select
  currency, grain, basis, model,
  cast(sum(credit) as bigint) as credit, total(value_micros) as value_micros,
  total(spend_micros) as spend_micros
from daily_rollups
where organization_id = $organization_id
group by currency, grain, basis, model
order by currency, grain, basis, model
