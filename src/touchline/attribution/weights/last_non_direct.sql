-- writes: weights
-- reads: paths
-- grain: one eligible touch of one conversion under one model
-- place: 21
-- says: All credit goes to the last touch that is not Direct, and to the last touch where all are Direct.
-- source: common practice (Google Analytics, Matomo)
-- since: 0.2
-- offered: on request
with searched as (
  select
    organization_id, person_id, conversion_id, touchpoint_id, position, touchpoint_count, channel,
    max(case when channel = 'Direct' then 0 else position end) over (partition by conversion_id) as last_other
  from paths
  where is_eligible
),
chosen as (
  select
    organization_id, person_id, conversion_id, touchpoint_id, position, touchpoint_count, channel,
    case when last_other = 0 then touchpoint_count else last_other end as credited_position
  from searched
)
select
  organization_id, person_id, conversion_id, touchpoint_id, 'LAST_NON_DIRECT' as model, position, touchpoint_count,
  channel,
  case when position = credited_position then 1 else 0 end as weight,
  case when position >= credited_position then 1 else 0 end as weight_until,
  1 as weight_total
from chosen
