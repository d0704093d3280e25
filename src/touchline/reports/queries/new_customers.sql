-- reads: conversions, conversion_accounts
-- grain: one day
-- Persons and accounts whose first conversion of all that are kept was on this day, and what that conversion was worth.
with counted as (
  select
    c.conversion_id as conversion_id, c.person_id as person_id, coalesce(a.account_id, '') as account_id,
    c.site_id as site_id, c.currency as currency, c.conversion_date as conversion_date, c.occurred_at as occurred_at,
    c.value_micros as value_micros
  from conversions as c
  left join conversion_accounts as a on a.conversion_id = c.conversion_id
  where c.organization_id = $organization_id and c.is_counted and ($goal = '' or c.goal = $goal)
),
ranked as (
  select
    account_id, site_id, currency, conversion_date, value_micros,
    case when row_number() over (partition by person_id order by occurred_at, conversion_id) = 1 then 1 else 0 end
      as is_new_customer,
    case
      when account_id <> '' and row_number() over (partition by account_id order by occurred_at, conversion_id) = 1
        then 1
      else 0
    end as is_new_account
  from counted
)
select
  conversion_date as day,
  cast(sum(is_new_customer) as bigint) as new_customers,
  total(case when is_new_customer = 1 then value_micros else 0 end) as new_value_micros,
  cast(sum(is_new_account) as bigint) as new_accounts
from ranked
where is_new_customer + is_new_account > 0 and currency = $currency and $site_id in ('', site_id)
  and $account_id in ('', account_id)
  and conversion_date >= $start and conversion_date <= $end
group by conversion_date
order by conversion_date
