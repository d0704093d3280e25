-- writes: weights
-- reads: paths
-- grain: one eligible touch of one conversion under one model
-- place: 4
-- says: The credit of a touch halves with each half-life between it and the newest touch.
-- source: common practice
-- since: 0.1
with totals as (
  select conversion_id, cast(sum(decay) as bigint) as decay_total
  from paths
  where is_eligible
  group by conversion_id
)
select
  p.organization_id as organization_id, p.person_id as person_id, p.conversion_id as conversion_id,
  p.touchpoint_id as touchpoint_id, 'TIME_DECAY' as model, p.position as position,
  p.touchpoint_count as touchpoint_count, p.channel as channel,
  p.decay as weight, p.decay_until as weight_until, t.decay_total as weight_total
from paths as p
join totals as t on t.conversion_id = p.conversion_id
where p.is_eligible
