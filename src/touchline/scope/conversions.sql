-- writes: scope_conversions
-- reads: conversions, attribution_links, touchpoints, scope_dates
-- grain: one conversion
-- The conversions of which a part belongs to a changed day, by the day of the conversion or of a touch.
select c.conversion_id as conversion_id
from conversions as c
join scope_dates as d on d.organization_id = c.organization_id and d.rollup_date = c.conversion_date
union
select l.conversion_id as conversion_id
from attribution_links as l
join touchpoints as t on t.touchpoint_id = l.touchpoint_id
join scope_dates as d on d.organization_id = t.organization_id and d.rollup_date = t.touch_date
