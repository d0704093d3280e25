-- reads: arrivals
-- grain: one site and day
-- place: 43
-- says: Events that came an hour or more after they happened
-- numerator: accepted events that came an hour or more after they happened
-- denominator: accepted events
-- worse: above
-- judged: never, days are those of UTC, and what is sent again or late counts on the day on which it came
-- owner: engineering
-- since: 0.2
select
  site_id, '' as channel, '' as goal, '' as platform, period, late_hours as numerator, accepted as denominator
from arrivals
where organization_id = $organization_id and accepted > 0
order by site_id, period
