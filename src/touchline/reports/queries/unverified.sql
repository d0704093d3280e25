-- reads: conversions, conversion_accounts
-- grain: the whole answer
-- How many conversions are in a report, how many of them nobody verified, and how many unverified ones its goal keeps out.
select
  coalesce(sum(case when is_counted and ($goal = '' or goal = $goal) then 1 else 0 end), 0) as conversions,
  coalesce(sum(case when is_counted and ($goal = '' or goal = $goal) and not is_verified then 1 else 0 end), 0)
    as unverified,
  coalesce(sum(
    case when status = 'unverified' and ($goal = '' or goal = $goal) then 1
      when is_counted and goal = $unverified_goal then 1 else 0 end
  ), 0) as unverified_apart
from conversions
where organization_id = $organization_id and currency = $currency
  and conversion_date >= $start and conversion_date <= $end and ($site_id = '' or site_id = $site_id)
  and ($account_id = '' or conversion_id in (
    select conversion_id from conversion_accounts
    where organization_id = $organization_id and account_id = $account_id
  ))
