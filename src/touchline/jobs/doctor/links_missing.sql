-- reads: conversions, paths, touchpoints, identities
-- grain: one organization, and cause for which conversions have no touch with credit
-- How many conversions have no touch with credit for each cause, the newest of them, and how near the nearest touch lies.
with credited as (
  select conversion_id, count(*) as touches
  from paths
  group by conversion_id
),
known as (
  select organization_id, person_id, max(case when identifier like 'e:%' then 0 else 1 end) as is_known
  from identities
  group by organization_id, person_id
),
moments as (
  select person_id, conversion_id, occurred_at, 1 as turn from conversions
  union all
  select person_id, null as conversion_id, occurred_at, 0 as turn from touchpoints
),
running as (
  select
    conversion_id, turn, occurred_at,
    sum(1 - turn) over (partition by person_id) as touches,
    max(case when turn = 0 then occurred_at end) over (
      partition by person_id order by occurred_at, turn rows between unbounded preceding and current row
    ) as latest_at
  from moments
),
seen as (
  select conversion_id, touches, micros_between(occurred_at, latest_at) as nearest_micros
  from running
  where turn = 1
),
judged as (
  select
    c.organization_id as organization_id,
    c.conversion_id as conversion_id,
    s.nearest_micros as nearest_micros,
    case
      when not c.is_counted then c.status
      when p.touches > 0 then ''
      when s.nearest_micros is not null then 'outside_lookback'
      when s.touches > 0 then 'only_afterwards'
      when k.is_known = 0 then 'no_identity'
      else 'no_page_view'
    end as cause,
    c.occurred_at as occurred_at
  from conversions as c
  join seen as s on s.conversion_id = c.conversion_id
  join known as k on k.organization_id = c.organization_id and k.person_id = c.person_id
  left join credited as p on p.conversion_id = c.conversion_id
),
ranked as (
  select
    *,
    row_number() over (
      partition by organization_id, cause order by occurred_at desc, conversion_id
    ) as newness
  from judged
  where cause <> ''
)
select
  organization_id, cause, count(*) as conversions, min(nearest_micros) as nearest_micros,
  max(case when newness = 1 then conversion_id end) as newest
from ranked
group by organization_id, cause
order by organization_id, cause
