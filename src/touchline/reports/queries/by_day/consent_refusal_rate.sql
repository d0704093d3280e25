-- reads: arrivals
-- grain: one site and day
-- place: 46
-- says: Events of visitors who refuse consent
-- numerator: events whose visitor refuses consent
-- denominator: accepted events and those of visitors who refuse
-- worse: above
-- judged: never, days are those of UTC, and what is sent again or late counts on the day on which it came
-- owner: marketing
-- since: 0.2
select
  site_id, '' as channel, '' as goal, '' as platform, period, consent_refusals as numerator, accepted + consent_refusals as denominator
from arrivals
where organization_id = $organization_id and accepted + consent_refusals > 0
order by site_id, period
