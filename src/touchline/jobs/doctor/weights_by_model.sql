-- reads: models, conversions, attribution_links
-- grain: one model of one organization
-- How many of the conversions that count have their weights under the model.
with counted as (
  select organization_id, count(*) as conversions
  from conversions
  where is_counted
  group by organization_id
),
linked as (
  select organization_id, model, count(distinct conversion_id) as conversions
  from attribution_links
  group by organization_id, model
)
select
  m.organization_id as organization_id, m.model as model,
  coalesce(c.conversions, 0) as conversions, coalesce(l.conversions, 0) as weighted
from models as m
left join counted as c on c.organization_id = m.organization_id
left join linked as l on l.organization_id = m.organization_id and l.model = m.model
order by m.organization_id, m.model
