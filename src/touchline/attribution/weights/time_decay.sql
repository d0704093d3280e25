-- writes: weights
-- reads: paths, organizations
-- grain: one eligible touch of one conversion under one model
-- place: 4
-- says: The credit of a touch halves with each half-life between it and the newest touch.
-- source: common practice
-- since: 0.1
-- needs: times
with newest as (
  select conversion_id, age_micros
  from paths
  where is_eligible and position = touchpoint_count
),
aged as (
  select
    p.organization_id as organization_id,
    p.person_id as person_id,
    p.conversion_id as conversion_id,
    p.touchpoint_id as touchpoint_id,
    p.position as position,
    p.touchpoint_count as touchpoint_count,
    p.channel as channel,
    p.age_micros - n.age_micros as micros_before_newest,
    o.half_life_micros as half_life_micros
  from paths as p
  join newest as n on n.conversion_id = p.conversion_id
  join organizations as o on o.organization_id = p.organization_id
  where p.is_eligible
),
weighted as (
  select
    *,
    cast(floor(1099511627776.0 * power(
      cast(0.5 as double), cast(micros_before_newest as double) / nullif(half_life_micros, 0)
    )) as bigint) as weight
  from aged
)
select
  organization_id, person_id, conversion_id, touchpoint_id, 'TIME_DECAY' as model, position, touchpoint_count, channel,
  weight,
  cast(sum(weight) over (
    partition by conversion_id order by position rows between unbounded preceding and current row
  ) as bigint) as weight_until,
  cast(sum(weight) over (partition by conversion_id) as bigint) as weight_total
from weighted
