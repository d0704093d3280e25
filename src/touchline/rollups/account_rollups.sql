-- writes: account_rollups
-- reads: attribution_links, conversions, touchpoints, conversion_accounts
-- grain: one site, day, basis, account, goal, currency and model
-- Credit and value by the account of the conversion, also where the person owns its path; conversions of no account have an empty one. No cost is of an account.
with credits as (
  select
    l.organization_id as organization_id,
    c.site_id as site_id,
    c.conversion_date as conversion_date,
    coalesce(t.touch_date, c.conversion_date) as touch_date,
    coalesce(a.account_id, '') as account_id,
    c.goal as goal,
    c.currency as currency,
    l.model as model,
    l.credit as credit,
    l.value_micros as value_micros
  from attribution_links as l
  join conversions as c on c.conversion_id = l.conversion_id
  left join touchpoints as t on t.touchpoint_id = l.touchpoint_id
  left join conversion_accounts as a on a.conversion_id = l.conversion_id
  where l.credit <> 0 or l.value_micros <> 0
),
bases as (
  select 'CONVERSION' as basis
  union all
  select 'TOUCH' as basis
)
select
  c.organization_id as organization_id,
  c.site_id as site_id,
  case when b.basis = 'TOUCH' then c.touch_date else c.conversion_date end as rollup_date,
  b.basis as basis,
  c.account_id as account_id,
  c.goal as goal,
  c.currency as currency,
  c.model as model,
  cast(sum(c.credit) as bigint) as credit,
  count(*) as source_count,
  total(c.value_micros) as value_micros
from credits as c
cross join bases as b
group by 1, 2, 3, 4, 5, 6, 7, 8
