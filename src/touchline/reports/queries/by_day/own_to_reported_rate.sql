-- reads: daily_rollups, ad_costs
-- grain: one ad platform and day
-- place: 33
-- says: Own conversions for each that the ad platform reports
-- numerator: own credit of the ad platform by the day of the touch, under the default model, in billionths
-- denominator: conversions that the ad platform reports, in billionths
-- worse: below
-- judged: never, ad platforms count in other ways
-- owner: ad platform
-- slices: platform
-- since: 0.2
with reported as (
  select platform, cost_date, total(platform_conversion_micros) as conversion_micros
  from ad_costs
  where organization_id = $organization_id and platform_conversion_micros is not null
  group by platform, cost_date
),
own as (
  select platform, rollup_date, total(credit) as credit
  from daily_rollups
  where organization_id = $organization_id and basis = 'TOUCH' and grain = 'PLATFORM' and model = $model
  group by platform, rollup_date
)
select
  '' as site_id, '' as channel, '' as goal, r.platform as platform, r.cost_date as period,
  coalesce(o.credit, 0) as numerator, r.conversion_micros * 1000 as denominator
from reported as r
left join own as o on o.platform = r.platform and o.rollup_date = r.cost_date
order by r.platform, r.cost_date
