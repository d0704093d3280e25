-- reads: conversions, conversion_accounts
-- includes: first_conversions
-- grain: one day
-- Persons and accounts whose first conversion of all that are kept was on this day, and what that conversion was worth.
with of_accounts as (
  select
    c.conversion_id as conversion_id, c.site_id as site_id, c.currency as currency,
    c.conversion_date as conversion_date,
    row_number() over (partition by a.account_id order by c.occurred_at, c.conversion_id) as place
  from conversions as c
  join conversion_accounts as a on a.conversion_id = c.conversion_id
  where c.organization_id = $organization_id and c.is_counted and ($goal = '' or c.goal = $goal)
),
firsts as (
  select conversion_id, site_id, currency, conversion_date, value_micros, 1 as is_customer, 0 as is_account
  from first_conversions
  union all
  select
    conversion_id, site_id, currency, conversion_date, cast(0 as bigint) as value_micros, 0 as is_customer,
    1 as is_account
  from of_accounts
  where place = 1
)
select
  f.conversion_date as day,
  cast(sum(f.is_customer) as bigint) as new_customers,
  total(f.value_micros) as new_value_micros,
  cast(sum(f.is_account) as bigint) as new_accounts
from firsts as f
left join conversion_accounts as o on o.conversion_id = f.conversion_id
where f.currency = $currency and $site_id in ('', f.site_id) and $account_id in ('', coalesce(o.account_id, ''))
  and f.conversion_date >= $start and f.conversion_date <= $end
group by f.conversion_date
order by f.conversion_date
