-- writes: corrections
-- reads: tracking_events, identities
-- grain: one refund or cancellation that names an order
-- A correction belongs to the order of the same person, else to the newest order of that id before it, else to the next.
with events as (
  select
    e.organization_id as organization_id,
    e.site_id as site_id,
    e.event_id as event_id,
    e.order_id as order_id,
    e.type as type,
    e.name as name,
    e.occurred_at as occurred_at,
    e.value_micros as value_micros,
    i.person_id as person_id
  from tracking_events as e
  join identities as i on i.organization_id = e.organization_id and i.identifier = e.identifier
  where e.order_id is not null
),
orders as (
  select site_id, order_id, person_id, min(occurred_at) as ordered_at
  from events
  where type in ('CONVERSION', 'CUSTOM')
  group by site_id, order_id, person_id
),
candidates as (
  select
    r.organization_id as organization_id,
    r.site_id as site_id,
    r.event_id as event_id,
    r.order_id as order_id,
    coalesce(o.person_id, '') as person_id,
    case when r.name = 'cancellation' then 'cancellation' else 'refund' end as kind,
    r.occurred_at as occurred_at,
    r.value_micros as refunded_micros,
    row_number() over (
      partition by r.site_id, r.event_id
      order by
        case when o.person_id = r.person_id then 0 when o.ordered_at <= r.occurred_at then 1 else 2 end,
        case when o.ordered_at <= r.occurred_at then micros_between(r.occurred_at, o.ordered_at)
          else micros_between(o.ordered_at, r.occurred_at) end,
        o.person_id
    ) as choice
  from events as r
  left join orders as o on o.site_id = r.site_id and o.order_id = r.order_id
  where r.type = 'REFUND'
)
select organization_id, site_id, event_id, order_id, person_id, kind, occurred_at, refunded_micros
from candidates
where choice = 1
