-- reads: conversions, paths, conversion_accounts
-- grain: one step of the path of one counted conversion of the window
-- Touches in a row of one channel are one step; steps are numbered from the first.
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
touches as (
  select
    p.conversion_id as conversion_id, p.touchpoint_id as touchpoint_id, p.channel as channel,
    p.occurred_at as occurred_at, p.age_micros as age_micros, p.eligible_count + p.idle_count as path_touches,
    lag(p.channel) over (partition by p.conversion_id order by p.age_micros desc, p.occurred_at, p.touchpoint_id)
      as previous_channel
  from paths as p
  join chosen as c on c.conversion_id = p.conversion_id
),
numbered as (
  select
    *,
    sum(case when previous_channel = channel then 0 else 1 end) over (
      partition by conversion_id order by age_micros desc, occurred_at, touchpoint_id
      rows between unbounded preceding and current row
    ) as step
  from touches
)
select
  conversion_id, step, min(channel) as channel, count(*) as touches, max(age_micros) as age_micros,
  max(path_touches) as path_touches
from numbered
group by conversion_id, step
