-- reads: daily_rollups, health_measures
-- grain: one site, goal and day
-- place: 35
-- says: Credit in the rollups that is not what conversions give (must be 0)
-- numerator: differences between the credit of a model and the counted conversions, added up over models, in billionths
-- denominator: credit that the counted conversions give under all models, in billionths
-- worse: above
-- judged: never, touchline doctor reports any
-- owner: engineering
-- slices: goal
-- since: 0.2
with used_models as (
  select distinct model
  from daily_rollups
  where organization_id = $organization_id and model <> ''
),
counted as (
  select site_id, goal, period, cast(sum(denominator) as bigint) as conversions
  from health_measures
  where organization_id = $organization_id and measure = 'behavioural_coverage'
  group by site_id, goal, period
),
given as (
  select site_id, goal, rollup_date, model, total(credit) as credit
  from daily_rollups
  where organization_id = $organization_id and basis = 'CONVERSION' and grain = 'ORGANIZATION' and model <> ''
  group by site_id, goal, rollup_date, model
),
compared as (
  select
    c.site_id as site_id, c.goal as goal, c.period as period, c.conversions * 1000000000 as expected,
    coalesce(g.credit, 0) as credit
  from counted as c
  cross join used_models as m
  left join given as g on g.site_id = c.site_id and g.goal = c.goal and g.rollup_date = c.period
    and g.model = m.model
)
select
  site_id, '' as channel, goal, '' as platform, period,
  total(case when credit > expected then credit - expected else expected - credit end) as numerator,
  total(expected) as denominator
from compared
group by site_id, goal, period
order by site_id, goal, period
