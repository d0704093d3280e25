-- reads: identities, identity_edges, sessions, touchpoints, crowded_persons, evidence_channels
-- includes: conversions_all
-- grain: one person
-- A person is all the browsers, user ids and e-mail addresses that belong together.
-- Visits without any of these are counted as sessions; they are persons only where they led to a conversion.
with names as (
  select
    organization_id, person_id,
    min(first_seen_at) as first_seen_at,
    count(distinct case when identifier like 'v:%' then identifier end) as visitor_id_count,
    count(distinct case when identifier like 'u:%' then identifier end) as user_id_count,
    count(distinct case when identifier like 'm:%' then identifier end) as email_count
  from identities
  group by organization_id, person_id
),
evidence as (
  select
    i.person_id as person_id,
    min(
      case e.tier
        when 'strong_id' then 0 when 'email_validated' then 1 when 'claimed' then 2 when 'single_candidate' then 3
        when 'email_unvalidated' then 4 else 5
      end
    ) as tier_place
  from identity_edges as e
  join identities as i on i.organization_id = e.organization_id and i.identifier = e.identifier
  join identities as j on j.organization_id = e.organization_id and j.identifier = e.linked_identifier
    and j.person_id = i.person_id
  where not e.is_refused
  group by i.person_id
),
visits as (
  select person_id, count(*) as session_count
  from sessions
  group by person_id
),
placed as (
  select
    t.person_id as person_id, t.occurred_at as occurred_at, e.channel as channel,
    row_number() over (partition by t.person_id order by t.occurred_at, t.touchpoint_id) as place,
    row_number() over (partition by t.person_id order by t.occurred_at desc, t.touchpoint_id desc) as place_from_last
  from touchpoints as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
),
sources as (
  select
    person_id,
    count(*) as touch_count,
    min(occurred_at) as first_touch_at,
    max(occurred_at) as last_touch_at,
    max(case when place = 1 then channel end) as first_channel,
    max(case when place_from_last = 1 then channel end) as last_channel
  from placed
  group by person_id
),
orders as (
  select
    person_id,
    count(*) as conversion_count,
    bounded(total(value_micros)) as value_micros
  from conversions_all
  where is_counted and is_own_currency
  group by person_id
),
firsts as (
  select
    person_id,
    count(order_id) as order_count,
    min(case when signal_type = 'lead' then occurred_at_utc end) as first_lead_at,
    min(case when signal_type = 'signup' then occurred_at_utc end) as first_signup_at,
    min(case when signal_type = 'first_use' then occurred_at_utc end) as first_use_at,
    min(case when signal_type = 'payment' then occurred_at_utc end) as first_payment_at
  from conversions_all
  where is_counted
  group by person_id
)
select
  n.organization_id as organization_id,
  n.person_id as person_id,
  n.first_seen_at as first_seen_at_utc,
  cast(n.visitor_id_count as bigint) as visitor_id_count,
  cast(n.user_id_count as bigint) as user_id_count,
  cast(n.email_count as bigint) as email_count,
  coalesce(v.session_count, 0) as session_count,
  coalesce(s.touch_count, 0) as touch_count,
  coalesce(o.conversion_count, 0) as conversion_count,
  coalesce(o.value_micros, 0) as value_micros,
  cast(coalesce(o.value_micros, 0) as double) / 1e6 as value,
  c.person_id is not null as is_crowded,
  case e.tier_place
    when 0 then 'strong_id' when 1 then 'email_validated' when 2 then 'claimed' when 3 then 'single_candidate'
    when 4 then 'email_unvalidated' when 5 then 'claimed_by_browser' else 'unresolved'
  end as tier,
  s.first_touch_at as first_touch_at_utc,
  s.last_touch_at as last_touch_at_utc,
  s.first_channel as first_channel,
  s.last_channel as last_channel,
  coalesce(f.order_count, 0) as order_count,
  f.first_lead_at as first_lead_at_utc,
  f.first_signup_at as first_signup_at_utc,
  f.first_use_at as first_use_at_utc,
  f.first_payment_at as first_payment_at_utc
from names as n
left join evidence as e on e.person_id = n.person_id
left join visits as v on v.person_id = n.person_id
left join sources as s on s.person_id = n.person_id
left join orders as o on o.person_id = n.person_id
left join firsts as f on f.person_id = n.person_id
left join crowded_persons as c on c.person_id = n.person_id
where n.visitor_id_count + n.user_id_count + n.email_count > 0 or o.conversion_count > 0
