-- includes: booked
-- grain: one value of the dimension under one model
-- Credit and value of the window by what the touch shows; an empty value means that it shows nothing.
-- Values after the first ones, which have the most credit, share a row.
-- A value influenced the conversions on whose paths it is, each whole, so that these do not add up.
with summed as (
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
