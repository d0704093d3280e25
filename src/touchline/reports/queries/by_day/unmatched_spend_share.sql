-- reads: channel_spend
-- grain: one ad platform and day
-- place: 32
-- says: Spend without a touch of its campaign on its day
-- numerator: spend of campaigns without a touch on the day, in micros
-- denominator: spend, in micros
-- worse: above
-- judged: never, a few campaigns hold most of the spend
-- owner: marketing
-- slices: platform
-- since: 0.2
select
  '' as site_id, '' as channel, '' as goal, platform, cost_date as period,
  total(case when channel = '(no visit)' then spend_micros else 0 end) as numerator,
  total(spend_micros) as denominator
from channel_spend
where organization_id = $organization_id and currency = $currency
group by platform, cost_date
order by platform, cost_date
