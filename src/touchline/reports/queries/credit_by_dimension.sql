-- reads: attribution_links, conversions, touchpoints, evidence_channels, sessions, agents, conversion_accounts
-- includes: first_conversions
-- grain: one value of the dimension under one model
-- Credit and value of the window by what the touch shows; an empty value means that it shows nothing.
-- Values after the first ones, which have the most credit, share a row.
-- A value influenced the conversions on whose paths it is, each whole, so that these do not add up.
-- A new customer's conversion is the person's first of the goal; all others are of returning customers.
-- A paid touch is one that somebody surely paid for, an ambiguous one comes on paid and unpaid clicks alike.
with booked as (
  select
    case when l.touchpoint_id = '' and $by not in ('site', 'account', 'customer', 'day') then 1 else 0 end as is_unattributed,
    coalesce(case $by
      when 'channel' then l.channel
      when 'source_class' then e.source_class
      when 'source' then coalesce(t.utm_source, t.referrer_host, t.app)
      when 'medium' then t.utm_medium
      when 'term' then t.utm_term
      when 'content' then t.utm_content
      when 'landing_page' then substr(
        t.landing_url, 1,
        case when strpos(t.landing_url, '?') > 0 then strpos(t.landing_url, '?') - 1
          when strpos(t.landing_url, '#') > 0 then strpos(t.landing_url, '#') - 1
          else length(t.landing_url) end
      )
      when 'app' then t.app
      when 'device' then coalesce(v.device_type, a.device_type)
      when 'city' then v.city
      when 'district' then v.district
      when 'site' then c.site_id
      when 'account' then o.account_id
      when 'customer' then case when f.conversion_id is null then 'returning' else 'new' end
      when 'day' then cast(
        case when $basis = 'TOUCH' then coalesce(t.touch_date, c.conversion_date) else c.conversion_date end as varchar
      )
    end, '') as value,
    l.model as model,
    l.conversion_id as conversion_id,
    c.value_micros as conversion_value_micros,
    case when l.touchpoint_id = '' then 0 else 1 end as touches,
    l.credit as credit,
    l.value_micros as value_micros,
    case when f.conversion_id is null then 0 else 1 end as is_new,
    coalesce(e.is_paid, false) as is_paid,
    e.evidence_id is not null and e.is_paid is null as is_ambiguous,
    case when $basis = 'TOUCH' then coalesce(t.touch_date, c.conversion_date) else c.conversion_date end as booked_date
  from attribution_links as l
  join conversions as c on c.conversion_id = l.conversion_id
  left join first_conversions as f on f.conversion_id = c.conversion_id
  left join touchpoints as t on t.touchpoint_id = l.touchpoint_id
  left join evidence_channels as e on e.evidence_id = t.evidence_id
  left join sessions as v on v.session_id = t.session_id and $by in ('device', 'city', 'district')
  left join agents as a on a.user_agent = t.user_agent and $by = 'device'
  left join conversion_accounts as o on o.conversion_id = c.conversion_id and $by = 'account'
  where l.organization_id = $organization_id and c.currency = $currency and ($goal = '' or c.goal = $goal)
    and ($site_id = '' or c.site_id = $site_id)
    and ($basis = 'TOUCH' or (c.conversion_date >= $start and c.conversion_date <= $end))
    and ($account_id = '' or c.conversion_id in (
      select conversion_id from conversion_accounts
      where organization_id = $organization_id and account_id = $account_id
    ))
),
summed as (
  select
    is_unattributed, value, model,
    sum(credit) as credit, total(value_micros) as value_micros,
    sum(credit * is_new) as new_credit, total(value_micros * is_new) as new_value_micros,
    sum(case when is_paid then credit else 0 end) as paid_credit,
    total(case when is_paid then value_micros else 0 end) as paid_value_micros,
    sum(case when is_ambiguous then credit else 0 end) as ambiguous_credit,
    total(case when is_ambiguous then value_micros else 0 end) as ambiguous_value_micros,
    sum(touches) as touches,
    sum(case when is_ambiguous then 1 else 0 end) as ambiguous_touches
  from booked
  where booked_date >= $start and booked_date <= $end
  group by is_unattributed, value, model
),
reached as (
  select distinct value, conversion_id, conversion_value_micros
  from booked
  where model = 'LAST_TOUCH' and touches = 1 and booked_date >= $start and booked_date <= $end
),
influenced as (
  select value, count(*) as influenced, total(conversion_value_micros) as influenced_value_micros
  from reached
  group by value
),
sized as (
  select is_unattributed, value, sum(credit) as size
  from summed
  group by is_unattributed, value
),
ranked as (
  select
    is_unattributed, value,
    row_number() over (order by is_unattributed desc, size desc, value) as place
  from sized
),
kept as (
  select
    s.is_unattributed as is_unattributed,
    case when r.place > $most_values then 1 else 0 end as is_rest,
    case when r.place > $most_values then '' else s.value end as value,
    s.model as model, s.credit as credit, s.value_micros as value_micros,
    s.new_credit as new_credit, s.new_value_micros as new_value_micros,
    s.paid_credit as paid_credit, s.paid_value_micros as paid_value_micros,
    s.ambiguous_credit as ambiguous_credit, s.ambiguous_value_micros as ambiguous_value_micros,
    s.touches as touches, s.ambiguous_touches as ambiguous_touches
  from summed as s
  join ranked as r on r.is_unattributed = s.is_unattributed and r.value = s.value
),
added as (
  select
    is_unattributed, is_rest, value, model,
    cast(sum(credit) as bigint) as credit,
    total(value_micros) as value_micros,
    cast(sum(new_credit) as bigint) as new_credit,
    total(new_value_micros) as new_value_micros,
    cast(sum(paid_credit) as bigint) as paid_credit,
    total(paid_value_micros) as paid_value_micros,
    cast(sum(ambiguous_credit) as bigint) as ambiguous_credit,
    total(ambiguous_value_micros) as ambiguous_value_micros,
    cast(sum(touches) as bigint) as touches,
    cast(sum(ambiguous_touches) as bigint) as ambiguous_touches
  from kept
  group by is_unattributed, is_rest, value, model
)
select
  a.is_unattributed as is_unattributed, a.is_rest as is_rest, a.value as value, a.model as model,
  a.credit as credit, a.value_micros as value_micros, a.new_credit as new_credit,
  a.new_value_micros as new_value_micros, a.paid_credit as paid_credit,
  a.paid_value_micros as paid_value_micros, a.ambiguous_credit as ambiguous_credit,
  a.ambiguous_value_micros as ambiguous_value_micros, a.touches as touches,
  a.ambiguous_touches as ambiguous_touches, i.influenced as influenced,
  i.influenced_value_micros as influenced_value_micros
from added as a
left join influenced as i on i.value = a.value and a.is_unattributed = 0 and a.is_rest = 0
  and $by <> 'day'
