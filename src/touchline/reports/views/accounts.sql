-- reads: account_persons, conversion_accounts
-- includes: conversions_all
-- grain: one account that somebody acts for
-- An account is a company or household that persons act for; accounts that claims call one are one row.
-- Where anybody is a verified member, those whom a browser alone calls members are none.
with members as (
  select organization_id, account_id, count(*) as person_count
  from account_persons
  where is_believed
  group by organization_id, account_id
),
orders as (
  select
    a.organization_id as organization_id, a.account_id as account_id,
    count(*) as conversion_count,
    bounded(total(c.value_micros)) as value_micros
  from conversion_accounts as a
  join conversions_all as c on c.conversion_id = a.conversion_id
  where c.is_counted and c.is_own_currency
  group by a.organization_id, a.account_id
)
select
  m.organization_id as organization_id,
  m.account_id as account_id,
  m.person_count as person_count,
  coalesce(o.conversion_count, 0) as conversion_count,
  coalesce(o.value_micros, 0) as value_micros,
  cast(coalesce(o.value_micros, 0) as double) / 1e6 as value
from members as m
left join orders as o on o.organization_id = m.organization_id and o.account_id = m.account_id
