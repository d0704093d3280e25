-- named: AttributionLink
-- includes: attribution_link
-- reads: organizations
-- One touch's credit for one conversion of the primary goal under one model.
select
  l.id as id,
  l.organization_id as organizationId,
  l.site_id as siteId,
  l.conversion_id as conversionId,
  l.touch_point_id as touchPointId,
  l.model as model,
  l.goal as goal,
  l.weight as weight,
  l.credit as credit,
  l.value_micros as valueMicros,
  l.position as position,
  l.touch_point_count as touchPointCount,
  l.channel as channel,
  l.organization_id as organization_id
from attribution_link as l
join organizations as o on o.organization_id = l.organization_id and o.primary_goal in ('', l.goal)
