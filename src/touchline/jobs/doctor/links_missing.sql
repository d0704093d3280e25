-- reads: conversions, paths, touchpoints, identities
-- grain: one combination of what decides why conversions have no touch with credit
-- How many conversions there are of each combination, the newest of them, and how near the nearest touch before one lies.
with kept as (
  select conversion_id, count(*) as touches, max(case when channel = 'Direct' then 0 else 1 end) as has_source
  from paths as p
  where p.organization_id = $organization_id
  group by conversion_id
),
known as (
  select
    person_id,
    max(case when identifier like 'e:%' then 0 else 1 end) as is_known,
    max(case when identifier like 'v:%' then 1 else 0 end) as has_visitor
  from identities as i
  where i.organization_id = $organization_id
  group by person_id
),
moments as (
  select person_id, conversion_id, occurred_at as at, 1 as turn
  from conversions
  where organization_id = $organization_id
  union all
  select person_id, null as conversion_id, counted_at as at, 0 as turn
  from touchpoints as t
  where t.organization_id = $organization_id
),
running as (
  select
    conversion_id, turn, at,
    sum(1 - turn) over (partition by person_id) as touches,
    max(case when turn = 0 then at end) over (
      partition by person_id order by at, turn rows between unbounded preceding and current row
    ) as latest_at
  from moments
),
seen as (
  select conversion_id, touches, micros_between(at, latest_at) as nearest_micros
  from running
  where turn = 1
),
facts as (
  select
    c.conversion_id as conversion_id,
    c.occurred_at as occurred_at,
    c.status as status,
    c.is_counted as is_counted,
    case when p.touches > 0 then 1 else 0 end as has_path,
    coalesce(p.has_source, 0) as has_source,
    case when s.nearest_micros is not null then 1 else 0 end as has_earlier,
    case when s.touches > 0 then 1 else 0 end as has_touch,
    k.is_known as is_known,
    k.has_visitor as has_visitor,
    s.nearest_micros as nearest_micros
  from conversions as c
  join seen as s on s.conversion_id = c.conversion_id
  join known as k on k.person_id = c.person_id
  left join kept as p on p.conversion_id = c.conversion_id
),
ranked as (
  select
    *,
    row_number() over (
      partition by
        status, is_counted, has_path, has_source, has_earlier, has_touch, is_known, has_visitor
      order by occurred_at desc, conversion_id
    ) as newness
  from facts
)
select
  status, is_counted, has_path, has_source, has_earlier, has_touch, is_known, has_visitor,
  count(*) as conversions, min(nearest_micros) as nearest_micros,
  max(case when newness = 1 then conversion_id end) as newest,
  max(occurred_at) as newest_at
from ranked
group by status, is_counted, has_path, has_source, has_earlier, has_touch, is_known, has_visitor
order by status, is_counted, has_path, has_source, has_earlier, has_touch, is_known, has_visitor
