-- writes: health_signals
-- reads: health_measures, fits, fit_values
-- grain: one measure of one site on one day
-- Every day's rate in time order, all goals, channels and platforms together, with the locked limits that it is held against where a fit serves the day.
with rates as (
  select
    organization_id, site_id, measure, period, cast(sum(numerator) as bigint) as numerator,
    cast(sum(denominator) as bigint) as denominator
  from health_measures
  group by organization_id, site_id, measure, period
),
baselines as (
  select
    f.organization_id as organization_id, f.fit_id as fit_id, f.serves_from as serves_from,
    f.serves_until as serves_until, v.site_id as site_id, v.name as measure,
    max(case when v.statistic = 'centre' then v.value end) as centre,
    max(case when v.statistic = 'lower_limit' then v.value end) as lower_limit,
    max(case when v.statistic = 'upper_limit' then v.value end) as upper_limit
  from fits as f
  join fit_values as v on v.fit_id = f.fit_id
  where f.kind = 'PROCESS_LIMITS'
  group by f.organization_id, f.fit_id, f.serves_from, f.serves_until, v.site_id, v.name
),
locked as (
  select
    m.organization_id as organization_id, m.site_id as site_id, m.measure as measure, m.period as period,
    b.fit_id as fit_id, b.centre as centre, b.lower_limit as lower_limit, b.upper_limit as upper_limit
  from rates as m
  join baselines as b on b.organization_id = m.organization_id and b.site_id = m.site_id and b.measure = m.measure
  where m.period >= b.serves_from and m.period <= b.serves_until
)
select
  m.organization_id as organization_id, m.site_id as site_id, '' as channel, m.measure as measure,
  m.period as period, m.numerator as numerator, m.denominator as denominator,
  coalesce(b.fit_id, '') as fit_id, b.centre as centre, b.lower_limit as lower_limit, b.upper_limit as upper_limit
from rates as m
left join locked as b on b.organization_id = m.organization_id and b.site_id = m.site_id
  and b.measure = m.measure and b.period = m.period
order by m.organization_id, m.site_id, m.measure, m.period
