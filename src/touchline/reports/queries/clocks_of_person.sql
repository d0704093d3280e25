-- reads: identities, tracking_events
-- grain: everything
-- How many events of a person came from a clock that was off, and the smallest and greatest numbers of seconds that were added to their times.
select
  count(*) as events,
  coalesce(min(e.clock_corrected_seconds), 0) as least_seconds,
  coalesce(max(e.clock_corrected_seconds), 0) as most_seconds
from identities as i
join tracking_events as e on e.organization_id = i.organization_id and e.identifier = i.identifier
where i.organization_id = $organization_id and i.person_id = $person_id and e.clock_corrected_seconds is not null
  and (i.valid_from is null or e.occurred_at >= i.valid_from)
  and (i.valid_until is null or e.occurred_at < i.valid_until)
