-- reads: arrivals
-- grain: one site and day
-- place: 45
-- says: Events of robots
-- numerator: events of bots, monitors, data centers and prefetched pages
-- denominator: accepted events and those of robots
-- worse: above
-- judged: never, days are those of UTC, and what is sent again or late counts on the day on which it came
-- owner: engineering
-- since: 0.2
select
  site_id, '' as channel, '' as goal, '' as platform, period, robots as numerator, accepted + robots as denominator
from arrivals
where organization_id = $organization_id and accepted + robots > 0
order by site_id, period
