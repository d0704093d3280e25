-- reads: daily_rollups
-- grain: one currency, grain, basis and model
-- What the rollups add up to.
select
  currency, grain, basis, model,
  cast(sum(credit) as bigint) as credit, cast(sum(value_micros) as bigint) as value_micros,
  cast(sum(spend_micros) as bigint) as spend_micros
from daily_rollups
where organization_id = $organization_id
group by currency, grain, basis, model
order by currency, grain, basis, model
