-- reads: account_persons, account_touches, conversion_accounts, evidence_channels
-- includes: conversions_all
-- grain: one account that somebody acts for
-- An account is a company or household that persons act for; accounts that claims call one are one row.
-- Where anybody is a verified member, those whom a browser alone calls members are none.
with members as (
  select organization_id, account_id, count(*) as person_count
  from account_persons
  where is_believed
  group by organization_id, account_id
),
placed as (
  select
    t.organization_id as organization_id, t.account_id as account_id, t.occurred_at as occurred_at,
    e.channel as channel,
    row_number() over (partition by t.organization_id, t.account_id order by t.occurred_at, t.touchpoint_id) as place,
    row_number() over (
      partition by t.organization_id, t.account_id order by t.occurred_at desc, t.touchpoint_id desc
    ) as place_from_last
  from account_touches as t
  join evidence_channels as e on e.evidence_id = t.evidence_id
),
sources as (
  select
    organization_id, account_id,
    count(*) as touch_count,
    min(occurred_at) as first_touch_at,
    max(occurred_at) as last_touch_at,
    max(case when place = 1 then channel end) as first_channel,
    max(case when place_from_last = 1 then channel end) as last_channel
  from placed
  group by organization_id, account_id
),
orders as (
  select
    a.organization_id as organization_id, a.account_id as account_id,
    sum(case when c.is_own_currency then 1 else 0 end) as conversion_count,
    bounded(total(case when c.is_own_currency then c.value_micros else 0 end)) as value_micros,
    count(c.order_id) as order_count,
    min(case when c.signal_type = 'lead' then c.occurred_at_utc end) as first_lead_at,
    min(case when c.signal_type = 'signup' then c.occurred_at_utc end) as first_signup_at,
    min(case when c.signal_type = 'first_use' then c.occurred_at_utc end) as first_use_at,
    min(case when c.signal_type = 'payment' then c.occurred_at_utc end) as first_payment_at
  from conversion_accounts as a
  join conversions_all as c on c.conversion_id = a.conversion_id
  where c.is_counted
  group by a.organization_id, a.account_id
)
select
  m.organization_id as organization_id,
  m.account_id as account_id,
  m.person_count as person_count,
  cast(coalesce(o.conversion_count, 0) as bigint) as conversion_count,
  coalesce(o.value_micros, 0) as value_micros,
  cast(coalesce(o.value_micros, 0) as double) / 1e6 as value,
  coalesce(s.touch_count, 0) as touch_count,
  s.first_touch_at as first_touch_at_utc,
  s.last_touch_at as last_touch_at_utc,
  s.first_channel as first_channel,
  s.last_channel as last_channel,
  coalesce(o.order_count, 0) as order_count,
  o.first_lead_at as first_lead_at_utc,
  o.first_signup_at as first_signup_at_utc,
  o.first_use_at as first_use_at_utc,
  o.first_payment_at as first_payment_at_utc
from members as m
left join sources as s on s.organization_id = m.organization_id and s.account_id = m.account_id
left join orders as o on o.organization_id = m.organization_id and o.account_id = m.account_id
