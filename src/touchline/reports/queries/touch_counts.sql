-- reads: conversions, paths, conversion_accounts
-- grain: one number of touches
-- How many conversions took how many touches.
with chosen as (
  select conversion_id
  from conversions
  where organization_id = $organization_id and is_counted and currency = $currency and ($goal = '' or goal = $goal)
    and conversion_date >= $start and conversion_date <= $end and ($site_id = '' or site_id = $site_id)
    and ($account_id = '' or conversion_id in (
      select conversion_id from conversion_accounts
      where organization_id = $organization_id and account_id = $account_id
    ))
),
lengths as (
  select c.conversion_id as conversion_id, coalesce(max(p.eligible_count + p.idle_count), 0) as touches
  from chosen as c
  left join paths as p on p.conversion_id = c.conversion_id
  group by c.conversion_id
)
select touches, count(*) as conversions
from lengths
group by touches
order by touches
