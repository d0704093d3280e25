-- writes: weights
-- reads: paths
-- grain: one eligible touch of one conversion under one model
-- place: 22
-- says: The last touch gets 60 %, the first 20 %, and those between them share 20 %; of two, the last gets 75 %.
-- source: Adobe Analytics, Mixpanel
-- since: 0.2
-- offered: on request
select
  organization_id, person_id, conversion_id, touchpoint_id, 'J_SHAPED' as model, position, touchpoint_count, channel,
  case
    when touchpoint_count <= 2 then 2 * position - 1
    when position = touchpoint_count then 3 * (touchpoint_count - 2)
    when position = 1 then touchpoint_count - 2
    else 1
  end as weight,
  case
    when touchpoint_count <= 2 then position * position
    when position = touchpoint_count then 5 * (touchpoint_count - 2)
    else touchpoint_count - 2 + position - 1
  end as weight_until,
  case when touchpoint_count <= 2 then touchpoint_count * touchpoint_count else 5 * (touchpoint_count - 2) end
    as weight_total
from paths
where is_eligible
