-- reads: daily_rollups, ad_costs
-- grain: one day
-- place: 36
-- says: Spend in the rollups that is not what the ad costs say (must be 0)
-- numerator: difference between the spend of the rollups and of the ad costs, in micros
-- denominator: spend of the ad costs, in micros
-- worse: above
-- judged: never, touchline doctor reports any
-- owner: engineering
-- since: 0.2
with spent as (
  select cost_date, total(spend_micros) as spend_micros
  from ad_costs
  where organization_id = $organization_id and currency = $currency
  group by cost_date
),
rolled_up as (
  select rollup_date, total(spend_micros) as spend_micros
  from daily_rollups
  where organization_id = $organization_id and currency = $currency and basis = 'CONVERSION'
    and grain = 'ORGANIZATION' and model = ''
  group by rollup_date
),
compared as (
  select
    s.cost_date as cost_date, s.spend_micros as expected, coalesce(r.spend_micros, 0) as spend_micros
  from spent as s
  left join rolled_up as r on r.rollup_date = s.cost_date
)
select
  '' as site_id, '' as channel, '' as goal, '' as platform, cost_date as period,
  case when spend_micros > expected then spend_micros - expected else expected - spend_micros end as numerator,
  expected as denominator
from compared
order by cost_date
