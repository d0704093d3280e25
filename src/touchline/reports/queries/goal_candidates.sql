-- reads: tracking_events, goals
-- grain: one type and name of events that reach no goal
-- What could be a goal: conversions and custom events that none asks for, how many came, and how many bring a value.
select e.type as event_type, coalesce(e.name, '') as event_name, count(*) as events,
  cast(sum(case when e.value_micros is not null or e.order_id is not null then 1 else 0 end) as bigint) as with_value
from tracking_events as e
left join goals as g on g.organization_id = e.organization_id and g.event_type = e.type
  and (g.event_name = '' or g.event_name = e.name)
where e.organization_id = $organization_id and g.goal is null and e.type in ('CONVERSION', 'CUSTOM')
group by e.type, coalesce(e.name, '')
order by events desc, e.type, coalesce(e.name, '')
limit 20
