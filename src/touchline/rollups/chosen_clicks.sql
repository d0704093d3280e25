-- writes: chosen_clicks
-- reads: touchpoints, evidence_channels, sessions, conversions, click_freshness
-- grain: one person and ad platform
-- The first click that brought the person from the platform, while it is fresh at the person's last sign of life; else the newest.
with ranked as (
  select
    t.organization_id as organization_id, t.person_id as person_id, e.platform as platform,
    t.touchpoint_id as touchpoint_id, t.occurred_at as occurred_at, t.click_id_names as click_id_names,
    t.click_ids as click_ids,
    row_number() over (partition by t.person_id, e.platform order by t.occurred_at, t.touchpoint_id) as place,
    row_number() over (
      partition by t.person_id, e.platform order by t.occurred_at desc, t.touchpoint_id desc
    ) as place_from_end
  from touchpoints as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where t.click_ids is not null and t.click_id_names is not null and e.platform <> ''
),
clicked as (
  select
    organization_id, person_id, platform,
    count(*) as click_count,
    max(case when place = 1 then touchpoint_id end) as initial_touchpoint_id,
    max(case when place = 1 then occurred_at end) as initial_at,
    max(case when place = 1 then click_id_names end) as initial_names,
    max(case when place = 1 then click_ids end) as initial_ids,
    max(case when place_from_end = 1 then touchpoint_id end) as newest_touchpoint_id,
    max(case when place_from_end = 1 then occurred_at end) as newest_at,
    max(case when place_from_end = 1 then click_id_names end) as newest_names,
    max(case when place_from_end = 1 then click_ids end) as newest_ids
  from ranked
  group by organization_id, person_id, platform
),
alive as (
  select person_id, max(seen_at) as as_of
  from (
    select person_id, ended_at as seen_at from sessions
    union all
    select person_id, occurred_at as seen_at from conversions
  ) as signs
  group by person_id
),
judged as (
  select
    c.organization_id as organization_id, c.person_id as person_id, c.platform as platform,
    c.click_count as click_count, c.initial_touchpoint_id as initial_touchpoint_id, c.initial_at as initial_at,
    c.initial_names as initial_names, c.initial_ids as initial_ids, c.newest_touchpoint_id as newest_touchpoint_id,
    c.newest_at as newest_at, c.newest_names as newest_names, c.newest_ids as newest_ids,
    a.as_of as as_of,
    coalesce(p.fresh_days, u.fresh_days) as fresh_days,
    micros(a.as_of) - micros(c.initial_at) <= coalesce(p.fresh_days, u.fresh_days) * 86400000000 as is_initial
  from clicked as c
  join alive as a on a.person_id = c.person_id
  join click_freshness as u on u.organization_id = c.organization_id and u.platform = ''
  left join click_freshness as p on p.organization_id = c.organization_id and p.platform = c.platform
)
select
  organization_id, person_id, platform,
  case when is_initial then initial_touchpoint_id else newest_touchpoint_id end as touchpoint_id,
  case when is_initial then initial_at else newest_at end as occurred_at,
  case when is_initial then initial_names else newest_names end as click_id_names,
  case when is_initial then initial_ids else newest_ids end as click_ids,
  is_initial, initial_touchpoint_id, newest_touchpoint_id, as_of, fresh_days, click_count
from judged
