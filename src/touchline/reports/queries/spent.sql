-- reads: ad_costs
-- grain: one currency
-- What was spent in all.
select currency, cast(sum(spend_micros) as bigint) as spend_micros
from ad_costs
where organization_id = $organization_id
group by currency
order by currency
