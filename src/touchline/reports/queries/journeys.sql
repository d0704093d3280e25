-- reads: conversions, conversion_accounts
-- includes: journey_steps
-- grain: one path of channels, or what is left
-- The paths with the most conversions, spelled as channel|touches/channel|touches/… and +steps that are not spelled out.
with chosen as (
  select conversion_id, value_micros
  from conversions
  where organization_id = $organization_id and is_counted and currency = $currency and ($goal = '' or goal = $goal)
    and conversion_date >= $start and conversion_date <= $end and ($site_id = '' or site_id = $site_id)
    and ($account_id = '' or conversion_id in (
      select conversion_id from conversion_accounts
      where organization_id = $organization_id and account_id = $account_id
    ))
),
spelled as (
  select
    conversion_id,
    max(case when step = 1 then '' || channel || '|' || cast(touches as varchar) else '' end) ||
    max(case when step = 2 then '/' || channel || '|' || cast(touches as varchar) else '' end) ||
    max(case when step = 3 then '/' || channel || '|' || cast(touches as varchar) else '' end) ||
    max(case when step = 4 then '/' || channel || '|' || cast(touches as varchar) else '' end) ||
    max(case when step = 5 then '/' || channel || '|' || cast(touches as varchar) else '' end) ||
    max(case when step = 6 then '/' || channel || '|' || cast(touches as varchar) else '' end) ||
    max(case when step = 7 then '/' || channel || '|' || cast(touches as varchar) else '' end) ||
    max(case when step = 8 then '/' || channel || '|' || cast(touches as varchar) else '' end) ||
    max(case when step = 9 then '/' || channel || '|' || cast(touches as varchar) else '' end) ||
    max(case when step = 10 then '/' || channel || '|' || cast(touches as varchar) else '' end)
    || case when max(step) > 10 then '+' || cast(cast(max(step) - 10 as bigint) as varchar) else '' end as path,
    max(path_touches) as touches,
    max(age_micros) as age_micros
  from journey_steps
  group by conversion_id
),
travelled as (
  select
    c.conversion_id as conversion_id, c.value_micros as value_micros, coalesce(s.path, '') as path,
    coalesce(s.touches, 0) as touches, coalesce(s.age_micros, 0) as age_micros
  from chosen as c
  left join spelled as s on s.conversion_id = c.conversion_id
),
sizes as (
  select path, count(*) as conversions from travelled where path <> '' group by path
),
ranked as (
  select path, row_number() over (order by conversions desc, path) as place from sizes
),
grouped as (
  select
    t.conversion_id as conversion_id, t.value_micros as value_micros, t.path as path, t.touches as touches,
    t.age_micros as age_micros,
    case when t.path = '' then '(no touch)' when r.place <= $limit then t.path else '(other paths)' end as journey
  from travelled as t
  left join ranked as r on r.path = t.path
),
placed as (
  select
    *,
    count(*) over (partition by journey) as size,
    row_number() over (partition by journey order by age_micros, conversion_id) as age_place,
    row_number() over (partition by journey order by touches, conversion_id) as touches_place
  from grouped
)
select
  journey,
  count(*) as conversions,
  count(distinct path) as paths,
  total(value_micros) as value_micros,
  cast(sum(case when 2 * age_place >= size and 2 * age_place <= size + 2 then age_micros else 0 end) as bigint)
    as middle_age_micros,
  cast(sum(case when 2 * touches_place >= size and 2 * touches_place <= size + 2 then touches else 0 end) as bigint)
    as middle_touches
from placed
group by journey
order by conversions desc, journey
