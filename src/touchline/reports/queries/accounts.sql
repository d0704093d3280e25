-- reads: account_persons, account_touches, touchpoints, conversion_accounts, conversions, evidence_channels
-- grain: one account with touches or conversions in the window
-- Who acts for each account, which channels brought them first and last, and what it bought; one that never bought has no value. The totals of all such accounts are in each row.
with members as (
  select account_id, count(*) as members
  from account_persons
  where organization_id = $organization_id and is_believed and $account_id in ('', account_id)
  group by account_id
),
placed as (
  select
    t.account_id as account_id, p.touch_date as touch_date, e.channel as channel,
    row_number() over (partition by t.account_id order by t.occurred_at, t.touchpoint_id) as place,
    row_number() over (partition by t.account_id order by t.occurred_at desc, t.touchpoint_id desc) as place_from_last
  from account_touches as t
  join touchpoints as p on p.touchpoint_id = t.touchpoint_id
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where t.organization_id = $organization_id and p.touch_date <= $end
),
sources as (
  select
    account_id,
    sum(case when touch_date >= $start then 1 else 0 end) as touches,
    min(touch_date) as first_touch_date,
    max(touch_date) as last_touch_date,
    max(case when place = 1 then channel end) as first_channel,
    max(case when place_from_last = 1 then channel end) as last_channel
  from placed
  group by account_id
),
counted as (
  select
    a.account_id as account_id, c.person_id as person_id, c.order_id as order_id, c.signal_type as signal_type,
    c.conversion_date as conversion_date, c.value_micros as value_micros,
    $goal in ('', c.goal) as is_of_goal,
    $goal in ('', c.goal) and c.currency = $currency and $site_id in ('', c.site_id)
      and c.conversion_date >= $start and c.conversion_date <= $end as is_asked,
    row_number() over (
      partition by a.account_id, case when $goal in ('', c.goal) then 1 else 0 end
      order by c.occurred_at, c.conversion_id
    ) as place
  from conversion_accounts as a
  join conversions as c on c.conversion_id = a.conversion_id
  where c.organization_id = $organization_id and c.is_counted
),
orders as (
  select
    account_id,
    sum(case when is_asked then 1 else 0 end) as conversions,
    count(distinct case when is_asked then person_id end) as converting_persons,
    count(case when is_asked then order_id end) as orders,
    total(case when is_asked then value_micros else 0 end) as value_micros,
    max(case when is_asked and place = 1 then 1 else 0 end) as is_new,
    min(case when is_of_goal then conversion_date end) as first_conversion_date,
    min(case when signal_type = 'lead' then conversion_date end) as first_lead_date,
    min(case when signal_type = 'signup' then conversion_date end) as first_signup_date,
    min(case when signal_type = 'first_use' then conversion_date end) as first_use_date,
    min(case when signal_type = 'payment' then conversion_date end) as first_payment_date
  from counted
  group by account_id
),
listed as (
  select
    m.account_id as account_id, m.members as members, coalesce(s.touches, 0) as touches,
    s.first_touch_date as first_touch_date, s.first_channel as first_channel, s.last_touch_date as last_touch_date,
    s.last_channel as last_channel, coalesce(o.conversions, 0) as conversions,
    coalesce(o.converting_persons, 0) as converting_persons, coalesce(o.orders, 0) as orders,
    o.value_micros as value_micros, coalesce(o.is_new, 0) as is_new, o.first_conversion_date as first_conversion_date,
    o.first_lead_date as first_lead_date, o.first_signup_date as first_signup_date,
    o.first_use_date as first_use_date, o.first_payment_date as first_payment_date
  from members as m
  left join sources as s on s.account_id = m.account_id
  left join orders as o on o.account_id = m.account_id
  where coalesce(s.touches, 0) > 0 or coalesce(o.conversions, 0) > 0
),
ranked as (
  select
    *,
    row_number() over (order by coalesce(value_micros, 0) desc, conversions desc, touches desc, account_id) as place,
    count(*) over () as all_accounts,
    sum(case when conversions > 0 then 1 else 0 end) over () as all_converting,
    sum(is_new) over () as all_new,
    sum(conversions) over () as all_conversions
  from listed
)
select
  account_id, members, cast(touches as bigint) as touches, first_touch_date, first_channel, last_touch_date,
  last_channel, cast(conversions as bigint) as conversions, cast(converting_persons as bigint) as converting_persons,
  orders, value_micros, is_new = 1 as is_new, first_conversion_date, first_lead_date, first_signup_date, first_use_date, first_payment_date,
  all_accounts, cast(all_converting as bigint) as all_converting, cast(all_new as bigint) as all_new, cast(all_conversions as bigint) as all_conversions
from ranked
where place <= $limit
order by place
