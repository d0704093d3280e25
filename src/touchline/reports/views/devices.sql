-- reads: identities, sessions, agents
-- grain: one browser or app of one person
-- Which devices a person uses: each has an id of its own, and is what its newest visit says.
with placed as (
  select
    v.organization_id as organization_id, v.identifier as identifier, v.person_id as person_id,
    v.started_at as started_at, coalesce(v.device_type, a.device_type) as device_type,
    row_number() over (
      partition by v.organization_id, v.identifier, v.person_id
      order by case when coalesce(v.device_type, a.device_type) is null then 1 else 0 end, v.started_at desc, v.session_id
    ) as place
  from sessions as v
  left join agents as a on a.user_agent = v.user_agent
  where v.identifier like 'v:%'
),
visits as (
  select
    organization_id, identifier, person_id,
    count(*) as session_count,
    min(started_at) as first_session_at,
    max(started_at) as last_session_at,
    max(case when place = 1 then device_type end) as device_type
  from placed
  group by organization_id, identifier, person_id
),
owned as (
  select organization_id, identifier, person_id, min(first_seen_at) as first_seen_at
  from identities
  where identifier like 'v:%'
  group by organization_id, identifier, person_id
)
select
  i.organization_id as organization_id,
  i.person_id as person_id,
  i.identifier as device,
  v.device_type as device_type,
  i.first_seen_at as first_seen_at_utc,
  v.first_session_at as first_session_at_utc,
  v.last_session_at as last_session_at_utc,
  coalesce(v.session_count, 0) as session_count
from owned as i
left join visits as v on v.organization_id = i.organization_id and v.identifier = i.identifier
  and v.person_id = i.person_id
