-- reads: health_measures
-- grain: one site, goal and day
-- place: 7
-- says: Conversions with a touch that is not Direct
-- owner: marketing
-- since: 0.2
select site_id, goal, period, cast(sum(numerator) as bigint) as reached
from health_measures
where organization_id = $organization_id and period >= $start and period <= $end and measure = 'behavioural_coverage'
group by site_id, goal, period
order by site_id, goal, period
