-- writes: weights
-- reads: paths
-- grain: one eligible touch of one conversion under one model
-- place: 23
-- says: The first touch gets 60 %, the last 20 %, and those between them share 20 %; of two, the first gets 75 %.
-- source: Adobe Analytics, Mixpanel
-- since: 0.2
-- offered: on request
select
  organization_id, person_id, conversion_id, touchpoint_id, 'INVERSE_J' as model, position, touchpoint_count, channel,
  case
    when touchpoint_count = 1 then 1
    when touchpoint_count = 2 then 5 - 2 * position
    when position = 1 then 3 * (touchpoint_count - 2)
    when position = touchpoint_count then touchpoint_count - 2
    else 1
  end as weight,
  case
    when touchpoint_count = 1 then 1
    when touchpoint_count = 2 then position + 2
    when position = touchpoint_count then 5 * (touchpoint_count - 2)
    else 3 * (touchpoint_count - 2) + position - 1
  end as weight_until,
  case
    when touchpoint_count = 1 then 1
    when touchpoint_count = 2 then 4
    else 5 * (touchpoint_count - 2)
  end as weight_total
from paths
where is_eligible
