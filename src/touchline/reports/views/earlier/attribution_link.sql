-- One touch's credit for one conversion under one model, where it has any; a conversion without a touch has a link without one.
select
  l.conversion_id || '/' || l.touchpoint_id || '/' || l.model as id,
  c.organization_id as organization_id,
  c.site_id as site_id,
  l.conversion_id as conversion_id,
  nullif(l.touchpoint_id, '') as touch_point_id,
  l.model as model,
  l.weight as weight,
  l.credit as credit,
  l.value_micros as value_micros,
  l.position as position,
  l.touchpoint_count as touch_point_count,
  nullif(l.channel, '') as channel,
  c.goal as goal
from attribution_links as l
join conversions as c on c.conversion_id = l.conversion_id
where l.credit <> 0 or l.value_micros <> 0
