-- reads: health_measures
-- grain: one measure of one site on one day
-- Every measure from day to day: all of it, or of one goal, or of one channel.
select
  site_id, measure, period, cast(sum(numerator) as bigint) as numerator,
  cast(sum(denominator) as bigint) as denominator
from health_measures
where organization_id = $organization_id and ($site_id = '' or site_id = $site_id)
  and ($goal = '' or goal = $goal) and ($channel = '' or channel = $channel)
group by site_id, measure, period
order by site_id, measure, period
