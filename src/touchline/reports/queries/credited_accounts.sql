-- reads: account_rollups
-- grain: one currency, basis and model
-- What the rollups of accounts add up to.
select currency, basis, model, cast(sum(credit) as bigint) as credit, total(value_micros) as value_micros
from account_rollups
where organization_id = $organization_id
group by currency, basis, model
order by currency, basis, model
