-- writes: attribution_links
-- reads: paths, conversions, organizations, models
-- grain: one eligible touch of one conversion under one model, or one conversion without a touch under one model
-- A touch's credit is what it adds to the running share of the path, rounded cumulatively, so that a path adds up to one conversion.
with eligible as (
  select
    p.organization_id as organization_id,
    p.person_id as person_id,
    p.conversion_id as conversion_id,
    p.touchpoint_id as touchpoint_id,
    p.channel as channel,
    p.position as position,
    p.touchpoint_count as touchpoint_count,
    c.value_micros as value_micros,
    cast(floor(1099511627776.0 * power(
      cast(0.5 as double),
      cast(p.age_micros - min(p.age_micros) over (partition by p.conversion_id) as double) / nullif(o.half_life_micros, 0)
    )) as bigint) as decay
  from paths as p
  join conversions as c on c.conversion_id = p.conversion_id
  join organizations as o on o.organization_id = p.organization_id
  where p.is_eligible
),
decayed as (
  select
    *,
    cast(sum(decay) over (
      partition by conversion_id order by position rows between unbounded preceding and current row
    ) as bigint) as decay_until,
    cast(sum(decay) over (partition by conversion_id) as bigint) as decay_total
  from eligible
),
shares as (
  select
    d.organization_id as organization_id,
    d.person_id as person_id,
    d.conversion_id as conversion_id,
    d.touchpoint_id as touchpoint_id,
    m.model as model,
    d.position as position,
    d.touchpoint_count as touchpoint_count,
    d.channel as channel,
    d.value_micros as value_micros,
    case
      when m.model = 'FIRST_TOUCH' then case when d.position = 1 then 0 else 1 end
      when m.model = 'LAST_TOUCH' then 0
      when m.model = 'TIME_DECAY' then d.decay_until - d.decay
      when m.model = 'LINEAR' or d.touchpoint_count <= 2 then d.position - 1
      when d.position = 1 then 0
      else 2 * (d.touchpoint_count - 2) + d.position - 2
    end as share_before,
    case
      when m.model = 'FIRST_TOUCH' then 1
      when m.model = 'LAST_TOUCH' then case when d.position = d.touchpoint_count then 1 else 0 end
      when m.model = 'TIME_DECAY' then d.decay_until
      when m.model = 'LINEAR' or d.touchpoint_count <= 2 then d.position
      when d.position = d.touchpoint_count then 5 * (d.touchpoint_count - 2)
      else 2 * (d.touchpoint_count - 2) + d.position - 1
    end as share_until,
    case
      when m.model = 'FIRST_TOUCH' or m.model = 'LAST_TOUCH' then 1
      when m.model = 'TIME_DECAY' then d.decay_total
      when m.model = 'LINEAR' or d.touchpoint_count <= 2 then d.touchpoint_count
      else 5 * (d.touchpoint_count - 2)
    end as share_total
  from decayed as d
  cross join models as m
),
credited as (
  select
    organization_id, person_id, conversion_id, touchpoint_id, model, position, touchpoint_count, channel,
    cast(floor(cast(1e9 as double) * share_until / nullif(share_total, 0) + 0.5) as bigint)
      - cast(floor(cast(1e9 as double) * share_before / nullif(share_total, 0) + 0.5) as bigint) as credit,
    cast(floor(cast(value_micros as double) * share_until / nullif(share_total, 0) + 0.5) as bigint)
      - cast(floor(cast(value_micros as double) * share_before / nullif(share_total, 0) + 0.5) as bigint) as value_micros
  from shares
),
unattributed as (
  select
    c.organization_id as organization_id,
    c.person_id as person_id,
    c.conversion_id as conversion_id,
    '' as touchpoint_id,
    m.model as model,
    0 as position,
    0 as touchpoint_count,
    '' as channel,
    1000000000 as credit,
    c.value_micros as value_micros
  from conversions as c
  left join (select distinct conversion_id from eligible) as e on e.conversion_id = c.conversion_id
  cross join models as m
  where c.is_counted and e.conversion_id is null
)
select
  organization_id, person_id, conversion_id, touchpoint_id, model, position, touchpoint_count, channel, credit,
  credit / cast(1e9 as double) as weight,
  value_micros,
  '' as fit_id
from (select * from credited union all select * from unattributed) as links
