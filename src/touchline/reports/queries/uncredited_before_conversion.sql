-- reads: conversions, session_events, source_hits, touchpoints, tracking_events, sites
-- grain: one visit whose source has no credit
-- What a person's visits of the lookback showed before a conversion and is no touch, the newest first, and how much there is of it.
select
  v.event_id as event_id, v.occurred_at as occurred_at, local_time(v.occurred_at, s.time_zone) as local_time,
  e.url as url, e.referrer_host as referrer, coalesce(h.outcome, v.uncredited_because) as reason,
  count(*) over () as how_many
from conversions as c
join session_events as v on v.organization_id = c.organization_id and v.person_id = c.person_id
join tracking_events as e on e.site_id = v.site_id and e.event_id = v.event_id
join sites as s on s.site_id = c.site_id
left join source_hits as h on h.person_id = v.person_id and h.site_id = v.site_id and h.event_id = v.event_id
  and h.outcome = 'weaker_source'
left join touchpoints as t on t.person_id = v.person_id and t.touchpoint_id = v.site_id || ':' || v.event_id
where c.organization_id = $organization_id and c.person_id = $person_id and c.conversion_id = $conversion_id
  and (v.uncredited_because is not null or h.outcome is not null) and t.touchpoint_id is null
  and micros(c.occurred_at) - micros(v.occurred_at) between 0 and $lookback_micros
order by v.occurred_at desc, v.event_id
limit 100
