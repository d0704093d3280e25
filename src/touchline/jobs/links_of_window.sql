-- reads: attribution_links, conversions
-- grain: one link
-- The links of the conversions of a window, with all that they hold as one text.
select
  l.conversion_id as conversion_id, l.touchpoint_id as touchpoint_id, l.model as model,
  cast(l.credit as varchar) || ' ' || cast(l.value_micros as varchar) || ' ' || cast(l.position as varchar) || ' '
    || cast(l.touchpoint_count as varchar) || ' ' || l.fit_id || ' ' || l.channel as content
from attribution_links as l
join conversions as c on c.conversion_id = l.conversion_id
where l.organization_id = $organization_id and c.conversion_date >= $start and c.conversion_date <= $end
  and ($model = '' or l.model = $model)
