-- writes: conversions
-- reads: tracking_events, identities, goals, corrections, organizations, sites, session_events, reporting_rates, retention_values
-- grain: one goal reached: by order where an order id is given, by event otherwise, once a person for milestones, once a day for retention
-- An event reaches at most one goal, the one that names it before the one that takes any; the same order of the same person counts once, as its verified report says.
-- Money is in the organization's currency where a rate of the day is known, else in its own; the native columns say what was paid.
-- Each window lists its most selective column first, so that sorting thousands of rows of one person compares one value for most pairs.
with matched as (
  select
    e.organization_id as organization_id,
    e.site_id as site_id,
    i.person_id as person_id,
    e.event_id as event_id,
    g.goal as goal,
    g.signal_type as signal_type,
    g.is_milestone as is_milestone,
    g.is_retention as is_retention,
    local_date(e.occurred_at, s.time_zone) as conversion_date,
    e.order_id as order_id,
    e.account_id as account_id,
    e.occurred_at as occurred_at,
    case when g.is_retention then null else e.currency end as currency,
    coalesce(e.value_micros, g.default_value_micros) as value_micros,
    e.is_test as is_test,
    e.is_verified as is_verified,
    g.unverified_handling as unverified_handling,
    g.unverified_goal as unverified_goal,
    g.path_owner as path_owner,
    e.survey_answer as survey_answer,
    row_number() over (
      partition by e.site_id, e.event_id order by case when g.event_name = '' then 1 else 0 end, g.goal
    ) as choice
  from tracking_events as e
  join sites as s on s.site_id = e.site_id
  join goals as g on g.organization_id = e.organization_id and g.event_type = e.type
    and (g.event_name = '' or g.event_name = e.name)
  join identities as i on i.organization_id = e.organization_id and i.identifier = e.identifier
  where (i.valid_from is null or e.occurred_at >= i.valid_from)
    and (i.valid_until is null or e.occurred_at < i.valid_until)
),
ordered as (
  select
    *,
    row_number() over (
      partition by coalesce('o' || order_id, 'e' || event_id), person_id, site_id, goal
      order by case when is_verified then 0 else 1 end, occurred_at, event_id
    ) as order_event_number,
    count(*) over (
      partition by coalesce('o' || order_id, 'e' || event_id), person_id, site_id, goal
    ) as event_count,
    max(case when is_test and is_verified then 1 else 0 end) over (
      partition by coalesce('o' || order_id, 'e' || event_id), person_id, site_id, goal
    ) as has_verified_test,
    max(case when is_test then 1 else 0 end) over (
      partition by coalesce('o' || order_id, 'e' || event_id), person_id, site_id, goal
    ) as has_any_test
  from matched
  where choice = 1
),
tested as (
  select *, case when is_verified then has_verified_test else has_any_test end as has_test
  from ordered
  where order_event_number = 1
),
reached as (
  select
    *,
    row_number() over (
      partition by
        case when is_milestone then '' when is_retention then cast(conversion_date as varchar) else event_id end,
        person_id, organization_id, goal
      order by has_test, case when is_verified then 0 else 1 end, occurred_at, event_id, site_id
    ) as reach_number,
    min(case when is_retention and has_test = 0 then conversion_date end) over (
      partition by person_id, organization_id, goal
    ) as first_date
  from tested
),
refunds as (
  select
    site_id, order_id, person_id,
    coalesce(bounded(total(refunded_micros)), 0) as refunded_micros,
    max(case when kind = 'refund' and refunded_micros is not null then currency end) as currency,
    max(case when kind = 'refund' and refunded_micros is null then 1 else 0 end) as is_full_refund,
    max(case when kind = 'cancellation' then 1 else 0 end) as is_cancelled
  from corrections
  where is_applied
  group by site_id, order_id, person_id
),
longest as (
  select organization_id, goal, max(day_number) as last_day
  from retention_values
  group by organization_id, goal
),
taken_back as (
  select
    r.organization_id as organization_id,
    r.site_id as site_id,
    r.person_id as person_id,
    r.event_id as event_id,
    r.goal as goal,
    r.signal_type as signal_type,
    r.order_id as order_id,
    r.account_id as account_id,
    r.occurred_at as occurred_at,
    r.conversion_date as conversion_date,
    coalesce(r.currency, o.currency) as currency,
    o.currency as own_currency,
    case when r.is_retention then coalesce(d.day_value_micros, 0) else r.value_micros end as value_micros,
    r.unverified_handling as unverified_handling,
    r.unverified_goal as unverified_goal,
    r.path_owner as path_owner,
    r.is_verified as is_verified,
    r.has_test as has_test,
    r.event_count as event_count,
    r.survey_answer as survey_answer,
    coalesce(x.is_cancelled, 0) as is_cancelled,
    coalesce(x.is_full_refund, 0) as is_full_refund,
    case when x.currency = coalesce(r.currency, o.currency) then x.refunded_micros else 0 end as named_micros
  from reached as r
  join organizations as o on o.organization_id = r.organization_id
  left join longest as z on z.organization_id = r.organization_id and z.goal = r.goal
  left join retention_values as d on d.organization_id = r.organization_id and d.goal = r.goal and d.day_number
    = case
      when days_between(r.conversion_date, r.first_date) > z.last_day then z.last_day
      else days_between(r.conversion_date, r.first_date)
    end
  left join refunds as x on x.site_id = r.site_id and x.order_id = r.order_id and x.person_id = r.person_id
  where r.reach_number = 1 or not (r.is_milestone or r.is_retention)
),
corrected as (
  select
    *,
    case
      when is_cancelled = 1 or is_full_refund = 1 or named_micros > value_micros then value_micros
      else named_micros
    end as refunded_micros,
    case when is_full_refund = 1 or (named_micros >= value_micros and named_micros > 0) then 1 else 0 end
      as is_refunded
  from taken_back
),
judged as (
  select
    *,
    case
      when has_test = 1 then 'test'
      when unverified_handling = 'leave_out' and not is_verified then 'unverified'
      when is_cancelled = 1 then 'cancelled'
      when is_refunded = 1 then 'refunded'
      when refunded_micros > 0 then 'partially_refunded'
      else 'completed'
    end as status
  from corrected
),
rates as (
  select
    *, row_number() over (partition by organization_id, currency, rate_date order by number desc) as age
  from reporting_rates
),
valued as (
  select
    j.organization_id as organization_id,
    j.site_id as site_id,
    j.person_id as person_id,
    j.event_id as event_id,
    j.goal as goal,
    j.signal_type as signal_type,
    j.order_id as order_id,
    j.account_id as account_id,
    j.occurred_at as occurred_at,
    j.currency as currency,
    j.own_currency as own_currency,
    j.value_micros as value_micros,
    j.refunded_micros as refunded_micros,
    j.status as status,
    j.unverified_handling as unverified_handling,
    j.unverified_goal as unverified_goal,
    j.path_owner as path_owner,
    j.is_verified as is_verified,
    j.event_count as event_count,
    j.survey_answer as survey_answer,
    j.conversion_date as conversion_date,
    r.rate as rate,
    at_rate(j.value_micros, r.rate_units, r.rate_scale) as gross_at_rate,
    at_rate(j.refunded_micros, r.rate_units, r.rate_scale) as refunded_at_rate
  from judged as j
  left join rates as r on r.organization_id = j.organization_id and r.currency = j.currency and r.age = 1
    and r.rate_date = j.conversion_date and j.currency <> j.own_currency
),
converted as (
  select
    *,
    case
      when gross_at_rate <= 9223372036854775807 and gross_at_rate >= -9223372036854775807 then 1 else 0
    end as is_converted
  from valued
)
select
  j.organization_id as organization_id,
  j.site_id as site_id,
  j.person_id as person_id,
  j.site_id || ':' || j.event_id as conversion_id,
  v.session_id as session_id,
  case when j.unverified_handling = 'apart' and not j.is_verified then j.unverified_goal else j.goal end as goal,
  j.signal_type as signal_type,
  j.order_id as order_id,
  j.account_id as account_id,
  j.occurred_at as occurred_at,
  j.conversion_date as conversion_date,
  case when j.is_converted = 1 then j.own_currency else j.currency end as currency,
  case when j.is_converted = 1 then bounded(j.gross_at_rate) else j.value_micros end as gross_value_micros,
  case when j.is_converted = 1 then bounded(j.refunded_at_rate) else j.refunded_micros end as refunded_micros,
  case when j.is_converted = 1 then bounded(j.gross_at_rate - j.refunded_at_rate)
    else j.value_micros - j.refunded_micros end as value_micros,
  j.status as status,
  j.status in ('completed', 'partially_refunded') as is_counted,
  j.is_verified as is_verified,
  j.event_count as event_count,
  j.survey_answer as self_reported_source,
  j.path_owner as path_owner,
  j.currency as native_currency,
  j.value_micros - j.refunded_micros as native_value_micros,
  case when j.is_converted = 1 then j.rate end as exchange_rate
from converted as j
left join session_events as v on v.site_id = j.site_id and v.event_id = j.event_id
