-- reads: arrivals
-- grain: one site and day
-- place: 41
-- says: Events that were rejected for a fault
-- numerator: rejected events, without robots and refusals of consent
-- denominator: accepted, repeated and rejected events
-- worse: above
-- judged: never, days are those of UTC, and what is sent again or late counts on the day on which it came
-- owner: engineering
-- since: 0.2
select
  site_id, '' as channel, '' as goal, '' as platform, period, rejected as numerator, accepted + duplicates + rejected as denominator
from arrivals
where organization_id = $organization_id and accepted + duplicates + rejected > 0
order by site_id, period
