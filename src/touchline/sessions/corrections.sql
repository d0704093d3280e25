-- writes: corrections
-- reads: tracking_events, identities, organizations
-- grain: one refund or cancellation that names an order
-- A correction belongs to its own person's order, else to a verified before an unverified one, the newest before it, else the next; the reason says whether it is applied.
with events as (
  select
    e.organization_id as organization_id,
    e.site_id as site_id,
    e.event_id as event_id,
    e.order_id as order_id,
    e.identifier as identifier,
    e.type as type,
    e.name as name,
    e.occurred_at as occurred_at,
    e.value_micros as value_micros,
    e.currency as currency,
    case when e.is_verified then 1 else 0 end as is_verified,
    i.person_id as person_id
  from tracking_events as e
  join identities as i on i.organization_id = e.organization_id and i.identifier = e.identifier
  where e.order_id is not null
),
refunds as (
  select
    organization_id, site_id, event_id, order_id, identifier, person_id, occurred_at, currency, is_verified,
    case when name = 'cancellation' then 'cancellation' else 'refund' end as kind,
    value_micros as refunded_micros
  from events
  where type = 'REFUND'
),
refunded as (
  select distinct site_id, order_id
  from refunds
),
order_events as (
  select
    e.organization_id as organization_id,
    e.site_id as site_id,
    e.event_id as event_id,
    e.order_id as order_id,
    e.person_id as person_id,
    e.identifier as identifier,
    e.occurred_at as occurred_at,
    e.currency as currency,
    e.is_verified as is_verified,
    max(e.is_verified) over (partition by e.site_id, e.order_id, e.person_id) as has_verified
  from events as e
  join refunded as r on r.site_id = e.site_id and r.order_id = e.order_id
  where e.type in ('CONVERSION', 'CUSTOM')
),
ranked as (
  select
    organization_id, site_id, order_id, person_id, currency, has_verified,
    min(occurred_at) over (partition by site_id, order_id, person_id) as ordered_at,
    max(has_verified) over (partition by site_id, order_id) as has_verified_order,
    row_number() over (
      partition by site_id, order_id, person_id
      order by case when currency is null then 1 else 0 end, occurred_at, event_id
    ) as choice
  from order_events
  where is_verified = has_verified
),
orders as (
  select
    r.site_id as site_id,
    r.order_id as order_id,
    r.person_id as person_id,
    r.ordered_at as ordered_at,
    r.has_verified as is_verified,
    r.has_verified_order as has_verified_order,
    coalesce(r.currency, o.currency) as currency
  from ranked as r
  join organizations as o on o.organization_id = r.organization_id
  where r.choice = 1
),
visitors as (
  select distinct site_id, order_id, identifier
  from order_events
  where identifier like 'v:%' and has_verified = 0
),
owned as (
  select
    r.organization_id as organization_id,
    r.site_id as site_id,
    r.event_id as event_id,
    r.order_id as order_id,
    r.kind as kind,
    r.occurred_at as occurred_at,
    r.refunded_micros as refunded_micros,
    r.currency as currency,
    r.is_verified as is_verified,
    o.person_id as own_person_id,
    case when r.is_verified = 1 or v.identifier is not null then 1 else 0 end as may_change
  from refunds as r
  left join orders as o on o.site_id = r.site_id and o.order_id = r.order_id and o.person_id = r.person_id
  left join visitors as v on v.site_id = r.site_id and v.order_id = r.order_id and v.identifier = r.identifier
),
foremost as (
  select site_id, order_id, ordered_at, min(person_id) as person_id
  from orders
  where is_verified = has_verified_order
  group by site_id, order_id, ordered_at
),
timeline as (
  select site_id, order_id, '' as event_id, 0 as is_refund, ordered_at as happened_at, ordered_at
  from foremost
  union all
  select site_id, order_id, event_id, 1 as is_refund, occurred_at as happened_at, null as ordered_at
  from owned
  where own_person_id is null
),
surrounded as (
  select
    site_id, order_id, event_id, is_refund,
    max(ordered_at) over (
      partition by site_id, order_id order by happened_at, is_refund, event_id
      rows between unbounded preceding and current row
    ) as previous_at,
    min(ordered_at) over (
      partition by site_id, order_id order by happened_at, is_refund, event_id
      rows between current row and unbounded following
    ) as next_at
  from timeline
),
nearest as (
  select
    s.site_id as site_id,
    s.event_id as event_id,
    f.person_id as person_id
  from surrounded as s
  join foremost as f on f.site_id = s.site_id and f.order_id = s.order_id
    and f.ordered_at = coalesce(s.previous_at, s.next_at)
  where s.is_refund = 1
),
assigned as (
  select
    w.organization_id as organization_id,
    w.site_id as site_id,
    w.event_id as event_id,
    w.order_id as order_id,
    coalesce(w.own_person_id, n.person_id) as person_id,
    w.kind as kind,
    w.occurred_at as occurred_at,
    w.refunded_micros as refunded_micros,
    w.currency as currency,
    w.is_verified as is_verified,
    w.may_change as may_change
  from owned as w
  left join nearest as n on n.site_id = w.site_id and n.event_id = w.event_id
),
judged as (
  select
    a.organization_id as organization_id,
    a.site_id as site_id,
    a.event_id as event_id,
    a.order_id as order_id,
    a.person_id as person_id,
    a.kind as kind,
    a.occurred_at as occurred_at,
    a.refunded_micros as refunded_micros,
    coalesce(a.currency, o.currency) as currency,
    a.is_verified as is_verified,
    case
      when a.person_id is null then 'no_order'
      when a.may_change = 0 then 'claimed_by_browser'
      when a.kind = 'refund' and a.refunded_micros is not null and a.currency <> o.currency then 'other_currency'
      else 'applied'
    end as reason
  from assigned as a
  left join orders as o on o.site_id = a.site_id and o.order_id = a.order_id and o.person_id = a.person_id
)
select
  organization_id, site_id, event_id, order_id, coalesce(person_id, '') as person_id, kind, occurred_at,
  refunded_micros, currency, is_verified = 1 as is_verified, reason = 'applied' as is_applied, reason
from judged
