-- reads: conversions
-- grain: one goal of one site on one day
-- How many conversions count on each day of the window, and what they are worth in one currency.
select
  site_id, goal, conversion_date as period, count(*) as conversions,
  total(case when currency = $currency then value_micros else 0 end) as value_micros
from conversions
where organization_id = $organization_id and is_counted and ($site_id = '' or site_id = $site_id)
  and conversion_date >= $start and conversion_date <= $end
group by site_id, goal, conversion_date
order by site_id, goal, period
