-- reads: ad_costs
-- grain: one currency
-- What was spent in all.
select currency, total(spend_micros) as spend_micros
from ad_costs
where organization_id = $organization_id
group by currency
order by currency
