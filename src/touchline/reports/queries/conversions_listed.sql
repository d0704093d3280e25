-- reads: conversions, sites, attribution_links
-- grain: one conversion
-- The counted conversions of the window, newest first, with what the model gives a channel of each of them; those that follow
-- a place in that order, and sums over all.
-- Without a channel, all credit is the channel's; the credit of conversions without a touch is of "(unattributed)".
with credited as (
  select conversion_id, cast(sum(credit) as bigint) as credit, total(value_micros) as value_micros
  from attribution_links
  where organization_id = $organization_id and model = $model and credit > 0
    and $channel in ('', case when touchpoint_id = '' then '(unattributed)' else channel end)
  group by conversion_id
),
chosen as (
  select
    c.conversion_id as conversion_id, c.order_id as order_id, c.goal as goal, c.site_id as site_id,
    c.conversion_date as conversion_date, local_time(c.occurred_at, s.time_zone) as local_time,
    micros(c.occurred_at) as occurred_micros, c.value_micros as value_micros, c.is_verified as is_verified,
    k.credit as credit, k.value_micros as credited_micros,
    count(*) over () as how_many,
    sum(k.credit) over () as all_credit
  from conversions as c
  join credited as k on k.conversion_id = c.conversion_id
  join sites as s on s.site_id = c.site_id
  where c.organization_id = $organization_id and c.is_counted and c.currency = $currency
    and ($goal = '' or c.goal = $goal) and ($site_id = '' or c.site_id = $site_id)
    and c.conversion_date >= $start and c.conversion_date <= $end
),
placed as (
  select
    *, row_number() over (order by occurred_micros desc, conversion_id) as place
  from chosen
  where occurred_micros < $last_micros or (occurred_micros = $last_micros and conversion_id > $last_id)
)
select
  conversion_id, order_id, goal, site_id, conversion_date, local_time, occurred_micros, value_micros, is_verified,
  credit, credited_micros, how_many, cast(all_credit as bigint) as all_credit
from placed
where place <= $limit
order by place
