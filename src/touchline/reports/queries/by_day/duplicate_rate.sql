-- reads: arrivals
-- grain: one site and day
-- place: 42
-- says: Events that came again
-- numerator: events whose id had been received before
-- denominator: accepted events and those that came again
-- worse: above
-- judged: never, days are those of UTC, and what is sent again or late counts on the day on which it came
-- owner: engineering
-- since: 0.2
select
  site_id, '' as channel, '' as goal, '' as platform, period, duplicates as numerator, accepted + duplicates as denominator
from arrivals
where organization_id = $organization_id and accepted + duplicates > 0
order by site_id, period
