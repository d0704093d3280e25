-- reads: attribution_links, conversions
-- grain: one currency and model
-- What each model gave away in all.
select
  c.currency as currency, l.model as model,
  cast(sum(l.credit) as bigint) as credit, total(l.value_micros) as value_micros
from attribution_links as l
join conversions as c on c.conversion_id = l.conversion_id
where l.organization_id = $organization_id
group by c.currency, l.model
order by c.currency, l.model
