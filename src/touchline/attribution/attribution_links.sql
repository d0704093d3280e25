-- writes: attribution_links
-- reads: paths, conversions, models, no_touchpoint
-- grain: one eligible touch of one conversion under one model, or one conversion without a touch under one model
-- A touch's credit is what it adds to the running share of the path, rounded cumulatively, so that a path adds up to one conversion.
with eligible as (
  select
    p.organization_id as organization_id,
    p.person_id as person_id,
    p.conversion_id as conversion_id,
    p.touchpoint_id as touchpoint_id,
    p.position as position,
    p.touchpoint_count as touchpoint_count,
    p.channel as channel,
    c.value_micros as value_micros,
    p.decay as decay,
    p.decay_until as decay_until
  from paths as p
  join conversions as c on c.conversion_id = p.conversion_id
  where p.is_eligible
),
decay_totals as (
  select conversion_id, cast(sum(decay) as bigint) as decay_total
  from eligible
  group by conversion_id
),
shares as (
  select
    e.*, 'FIRST_TOUCH' as model,
    case when e.position = 1 then 0 else 1 end as share_before,
    1 as share_until,
    1 as share_total
  from eligible as e
  union all
  select
    e.*, 'LAST_TOUCH' as model,
    0 as share_before,
    case when e.position = e.touchpoint_count then 1 else 0 end as share_until,
    1 as share_total
  from eligible as e
  union all
  select
    e.*, 'LINEAR' as model,
    e.position - 1 as share_before,
    e.position as share_until,
    e.touchpoint_count as share_total
  from eligible as e
  union all
  select
    e.organization_id as organization_id, e.person_id as person_id, e.conversion_id as conversion_id,
    e.touchpoint_id as touchpoint_id, e.position as position, e.touchpoint_count as touchpoint_count,
    e.channel as channel, e.value_micros as value_micros, e.decay as decay, e.decay_until as decay_until,
    'TIME_DECAY' as model,
    e.decay_until - e.decay as share_before,
    e.decay_until as share_until,
    t.decay_total as share_total
  from eligible as e
  join decay_totals as t on t.conversion_id = e.conversion_id
  union all
  select
    e.*, 'POSITION_BASED' as model,
    case
      when e.touchpoint_count <= 2 then e.position - 1
      when e.position = 1 then 0
      else 2 * (e.touchpoint_count - 2) + e.position - 2
    end as share_before,
    case
      when e.touchpoint_count <= 2 then e.position
      when e.position = e.touchpoint_count then 5 * (e.touchpoint_count - 2)
      else 2 * (e.touchpoint_count - 2) + e.position - 1
    end as share_until,
    case when e.touchpoint_count <= 2 then e.touchpoint_count else 5 * (e.touchpoint_count - 2) end as share_total
  from eligible as e
),
credited as (
  select
    s.organization_id as organization_id,
    s.person_id as person_id,
    s.conversion_id as conversion_id,
    s.touchpoint_id as touchpoint_id,
    s.model as model,
    s.position as position,
    s.touchpoint_count as touchpoint_count,
    s.channel as channel,
    cast(floor(cast(1e9 as double) * s.share_until / nullif(s.share_total, 0) + 0.5) as bigint)
      - cast(floor(cast(1e9 as double) * s.share_before / nullif(s.share_total, 0) + 0.5) as bigint) as credit,
    case
      when s.share_until = s.share_total then s.value_micros
      else cast(floor(cast(s.value_micros as double) * s.share_until / nullif(s.share_total, 0) + 0.5) as bigint)
    end
      - case
        when s.share_before = s.share_total then s.value_micros
        else cast(floor(cast(s.value_micros as double) * s.share_before / nullif(s.share_total, 0) + 0.5) as bigint)
      end as value_micros
  from shares as s
  join models as m on m.model = s.model
),
unattributed as (
  select
    c.organization_id as organization_id,
    c.person_id as person_id,
    c.conversion_id as conversion_id,
    n.touchpoint_id as touchpoint_id,
    m.model as model,
    0 as position,
    0 as touchpoint_count,
    n.channel as channel,
    1000000000 as credit,
    c.value_micros as value_micros
  from conversions as c
  left join decay_totals as p on p.conversion_id = c.conversion_id
  cross join models as m
  cross join no_touchpoint as n
  where c.is_counted and p.conversion_id is null
)
select
  organization_id, person_id, conversion_id, touchpoint_id, model, position, touchpoint_count, channel, credit,
  credit / cast(1e9 as double) as weight,
  value_micros,
  '' as fit_id
from (select * from credited union all select * from unattributed) as links
