-- reads: health_measures
-- grain: one site, goal and day
-- place: 5
-- says: Counted conversions
-- owner: engineering
-- since: 0.2
select site_id, goal, period, cast(sum(denominator) as bigint) as reached
from health_measures
where organization_id = $organization_id and period >= $start and period <= $end and measure = 'no_touch_rate'
group by site_id, goal, period
order by site_id, goal, period
