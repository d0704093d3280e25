-- reads: daily_rollups
-- grain: one site, goal and day
-- place: 34
-- says: Credit by channel that LAST_TOUCH and LINEAR place differently
-- numerator: differences between the credit of LAST_TOUCH and LINEAR, added up over channels, in billionths
-- denominator: credit of both models together, in billionths
-- worse: above
-- judged: never, models may differ
-- owner: analytics
-- slices: goal
-- since: 0.2
with credits as (
  select
    site_id, goal, rollup_date, entity_id,
    cast(sum(case when model = 'LAST_TOUCH' then credit else 0 end) as bigint) as of_last,
    cast(sum(case when model = 'LINEAR' then credit else 0 end) as bigint) as of_linear
  from daily_rollups
  where organization_id = $organization_id and basis = 'CONVERSION' and grain = 'CHANNEL'
    and model in ('LAST_TOUCH', 'LINEAR')
  group by site_id, goal, rollup_date, entity_id
)
select
  site_id, '' as channel, goal, '' as platform, rollup_date as period,
  cast(sum(case when of_last > of_linear then of_last - of_linear else of_linear - of_last end) as bigint) as numerator,
  cast(sum(of_last + of_linear) as bigint) as denominator
from credits
group by site_id, goal, rollup_date
order by site_id, goal, rollup_date
