-- writes: corrections
-- reads: tracking_events, identities, organizations
-- grain: one refund or cancellation that names an order
-- A correction belongs to an order that it may change, a verified one's to a verified order first; then to its own person's, the newest before it, else the next; the reason says whether it is applied.
-- Orders and refunds meet in windows, never in a join: whatever an engine's planner thinks, the work grows with their sum.
with events as (
  select
    e.organization_id as organization_id,
    e.site_id as site_id,
    e.event_id as event_id,
    e.order_id as order_id,
    e.identifier as identifier,
    e.name as name,
    e.occurred_at as occurred_at,
    e.value_micros as value_micros,
    e.currency as currency,
    case when e.type = 'REFUND' then 1 else 0 end as is_refund,
    case when e.is_verified then 1 else 0 end as is_verified,
    i.person_id as person_id
  from tracking_events as e
  join identities as i on i.organization_id = e.organization_id and i.identifier = e.identifier
  where e.order_id is not null and e.type in ('CONVERSION', 'CUSTOM', 'REFUND')
    and (i.valid_from is null or e.occurred_at >= i.valid_from)
    and (i.valid_until is null or e.occurred_at < i.valid_until)
),
gathered as (
  select
    *,
    max(is_refund) over (partition by site_id, order_id) as has_refund,
    max(case when is_refund = 0 then is_verified else -1 end) over (partition by site_id, order_id) as best_trust
  from events
),
trusted as (
  select
    *,
    max(case when is_refund = 0 then is_verified else -1 end) over (partition by site_id, order_id, person_id)
      as own_trust,
    max(case when is_refund = 0 and identifier like 'v:%' then 1 else 0 end) over (
      partition by site_id, order_id, person_id, identifier
    ) as has_visitor
  from gathered
  where has_refund = 1
),
ranked as (
  select
    *,
    case when is_refund = 0 and is_verified = own_trust then 1 else 0 end as is_standing,
    row_number() over (
      partition by site_id, order_id, person_id
      order by
        case when is_refund = 0 and is_verified = own_trust then 0 else 1 end,
        case when currency is null then 1 else 0 end,
        occurred_at, event_id
    ) as choice
  from trusted
),
owned as (
  select
    *,
    case when own_trust = -1 or (is_verified = 1 and own_trust < best_trust) then 0 else 1 end as is_own,
    min(case when is_standing = 1 then occurred_at end) over (partition by site_id, order_id, person_id)
      as ordered_at,
    max(case when is_standing = 1 and choice = 1 then currency end) over (partition by site_id, order_id, person_id)
      as own_currency
  from ranked
),
timeline as (
  select *, case when is_refund = 1 then occurred_at else ordered_at end as happened_at
  from owned
  where (is_refund = 1 and is_own = 0) or (is_standing = 1 and choice = 1 and own_trust = best_trust)
),
surrounded as (
  select
    *,
    max(case when is_refund = 0 then ordered_at end) over (
      partition by site_id, order_id order by happened_at, is_refund, event_id
      rows between unbounded preceding and current row
    ) as previous_at,
    min(case when is_refund = 0 then ordered_at end) over (
      partition by site_id, order_id order by happened_at desc, is_refund desc, event_id desc
      rows between unbounded preceding and current row
    ) as next_at
  from timeline
),
neighbours as (
  select
    *,
    min(case when is_refund = 0 then person_id end) over (partition by site_id, order_id, previous_at)
      as previous_person_id,
    min(case when is_refund = 0 then person_id end) over (partition by site_id, order_id, next_at)
      as next_person_id
  from surrounded
),
directed as (
  select
    *,
    case
      when is_refund = 0 then person_id
      when previous_at is not null then previous_person_id
      when next_at is not null then next_person_id
    end as other_person_id
  from neighbours
),
found as (
  select
    *,
    max(case when is_refund = 0 then own_currency end) over (partition by site_id, order_id, other_person_id)
      as other_currency
  from directed
),
assigned as (
  select
    organization_id, site_id, event_id, order_id, person_id, name, occurred_at, value_micros, currency, is_verified,
    own_currency as order_currency,
    case when is_verified = 1 or (own_trust = 0 and has_visitor = 1) then 1 else 0 end as may_change
  from owned
  where is_refund = 1 and is_own = 1
  union all
  select
    organization_id, site_id, event_id, order_id, other_person_id as person_id, name, occurred_at, value_micros,
    currency, is_verified, other_currency as order_currency, is_verified as may_change
  from found
  where is_refund = 1
),
priced as (
  select
    a.organization_id as organization_id,
    a.site_id as site_id,
    a.event_id as event_id,
    a.order_id as order_id,
    a.person_id as person_id,
    a.name as name,
    a.occurred_at as occurred_at,
    a.value_micros as value_micros,
    a.currency as currency,
    a.is_verified as is_verified,
    a.may_change as may_change,
    case when a.person_id is not null then coalesce(a.order_currency, o.currency) end as order_currency
  from assigned as a
  join organizations as o on o.organization_id = a.organization_id
),
judged as (
  select
    *,
    case
      when person_id is null then 'no_order'
      when may_change = 0 then 'claimed_by_browser'
      when name = 'cancellation' then 'applied'
      when value_micros is not null and currency <> order_currency then 'other_currency'
      else 'applied'
    end as reason
  from priced
)
select
  organization_id, site_id, event_id, order_id, coalesce(person_id, '') as person_id,
  case when name = 'cancellation' then 'cancellation' else 'refund' end as kind,
  occurred_at, value_micros as refunded_micros, coalesce(currency, order_currency) as currency,
  is_verified = 1 as is_verified, reason = 'applied' as is_applied, reason
from judged
