-- reads: tracking_events, goals
-- grain: one type and name of events that carry a value or an order and reach no goal
-- Events that look like conversions, and that no goal asks for.
select e.type as type, coalesce(e.name, '') as name, count(*) as events
from tracking_events as e
left join goals as g on g.organization_id = e.organization_id and g.event_type = e.type
  and (g.event_name = '' or g.event_name = e.name)
where e.organization_id = $organization_id and g.goal is null
  and (e.type = 'CONVERSION' or (e.type = 'CUSTOM' and (e.value_micros is not null or e.order_id is not null)))
group by e.type, coalesce(e.name, '')
order by e.type, coalesce(e.name, '')
