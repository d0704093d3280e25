-- reads: session_events, source_hits
-- grain: one reason for which what a visit shows brings nobody
-- How often that was so, and when for the last time.
with uncredited as (
  select uncredited_because, occurred_at
  from session_events
  where organization_id = $organization_id and uncredited_because is not null
  union all
  select outcome as uncredited_because, occurred_at
  from source_hits
  where organization_id = $organization_id and outcome = 'weaker_source'
)
select uncredited_because, count(*) as visits, max(cast(occurred_at as date)) as newest
from uncredited
group by uncredited_because
order by uncredited_because
