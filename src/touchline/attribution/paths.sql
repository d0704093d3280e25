-- writes: paths
-- reads: conversions, touchpoints, evidence_channels, organizations
-- grain: one touch in the lookback of one counted conversion
-- A path holds every touch of the person up to the conversion; Direct touches are eligible only where it has nothing else (a setting).
with candidates as (
  select
    c.organization_id as organization_id,
    c.person_id as person_id,
    c.conversion_id as conversion_id,
    t.touchpoint_id as touchpoint_id,
    e.channel as channel,
    t.occurred_at as occurred_at,
    micros_between(c.occurred_at, t.occurred_at) as age_micros,
    o.half_life_micros as half_life_micros,
    case when e.channel = 'Direct' and o.direct = 'unless_only' then 0 else 1 end as is_preferred
  from conversions as c
  join organizations as o on o.organization_id = c.organization_id
  join touchpoints as t on t.person_id = c.person_id
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where c.is_counted
    and t.occurred_at <= c.occurred_at
    and micros_between(c.occurred_at, t.occurred_at) <= o.lookback_days * 86400000000
),
totals as (
  select
    conversion_id,
    max(is_preferred) as has_preferred,
    count(*) as touch_count,
    sum(is_preferred) as preferred_count,
    min(age_micros) as newest_age_micros,
    min(case when is_preferred = 1 then age_micros end) as newest_preferred_age_micros
  from candidates
  group by conversion_id
),
judged as (
  select
    c.organization_id as organization_id,
    c.person_id as person_id,
    c.conversion_id as conversion_id,
    c.touchpoint_id as touchpoint_id,
    c.channel as channel,
    c.occurred_at as occurred_at,
    c.age_micros as age_micros,
    case when c.is_preferred = t.has_preferred then 1 else 0 end as is_eligible,
    case when c.is_preferred = t.has_preferred
      then cast(floor(1099511627776.0 * power(
        cast(0.5 as double),
        cast(c.age_micros - coalesce(t.newest_preferred_age_micros, t.newest_age_micros) as double)
          / nullif(c.half_life_micros, 0)
      )) as bigint)
      else 0 end as decay,
    case when t.has_preferred = 1 then t.preferred_count else t.touch_count end as touchpoint_count
  from candidates as c
  join totals as t on t.conversion_id = c.conversion_id
),
placed as (
  select
    *,
    sum(is_eligible) over (
      partition by conversion_id order by occurred_at, touchpoint_id rows between unbounded preceding and current row
    ) as position,
    sum(decay) over (
      partition by conversion_id order by occurred_at, touchpoint_id rows between unbounded preceding and current row
    ) as decay_until
  from judged
)
select
  organization_id, person_id, conversion_id, touchpoint_id, channel, occurred_at, age_micros,
  is_eligible = 1 as is_eligible,
  cast(case when is_eligible = 1 then position else 0 end as bigint) as position,
  cast(touchpoint_count as bigint) as touchpoint_count,
  decay,
  cast(decay_until as bigint) as decay_until
from placed
