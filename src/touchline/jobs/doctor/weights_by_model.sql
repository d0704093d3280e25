-- reads: models, conversions, attribution_links
-- grain: one model
-- How many of the conversions that count have their weights under the model.
with counted as (
  select count(*) as conversions
  from conversions
  where organization_id = $organization_id and is_counted
),
linked as (
  select model, count(distinct conversion_id) as conversions
  from attribution_links
  where organization_id = $organization_id
  group by model
)
select
  m.model as model,
  c.conversions as conversions, coalesce(l.conversions, 0) as weighted
from models as m
cross join counted as c
left join linked as l on l.model = m.model
where m.organization_id = $organization_id
order by m.model
