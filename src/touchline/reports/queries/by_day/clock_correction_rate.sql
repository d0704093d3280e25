-- reads: arrivals
-- grain: one site and day
-- place: 44
-- says: Events of devices with a wrong clock
-- numerator: accepted events whose time was corrected
-- denominator: accepted events
-- worse: above
-- judged: never, days are those of UTC, and what is sent again or late counts on the day on which it came
-- owner: engineering
-- since: 0.2
select
  site_id, '' as channel, '' as goal, '' as platform, period, clock_corrected as numerator, accepted as denominator
from arrivals
where organization_id = $organization_id and accepted > 0
order by site_id, period
