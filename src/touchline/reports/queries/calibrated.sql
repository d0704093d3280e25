-- reads: daily_rollups, lift_factors
-- grain: one factor of a lift test and one model, of one day where days are asked
-- The credit of the window that a factor is for. Of a factor without any, there is no row.
select
  case when $is_daily = 'yes' then r.rollup_date else f.start_date end as day,
  r.model as model, r.entity_id as entity_id, f.start_date as start_date, f.model as model_tested,
  f.factor as factor, f.low as low, f.high as high, cast(sum(r.credit) as bigint) as credit
from daily_rollups as r
join lift_factors as f on f.organization_id = r.organization_id
where r.organization_id = $organization_id and r.basis = $basis and r.grain = $grain and r.currency = $currency
  and r.model <> '' and (f.model = '' or f.model = r.model)
  and (
    (r.grain = 'CHANNEL' and r.entity_id = f.channel)
    or (r.grain = 'CAMPAIGN' and f.campaign_id <> '' and r.platform = f.platform and r.campaign_id = f.campaign_id)
  )
  and ($goal = '' or r.goal = $goal) and $site_id in ('', r.site_id)
  and r.rollup_date >= $start and r.rollup_date <= $end
  and r.rollup_date >= f.start_date and (f.end_date is null or r.rollup_date <= f.end_date)
group by
  case when $is_daily = 'yes' then r.rollup_date else f.start_date end, r.model, r.entity_id, f.start_date, f.model,
  f.factor, f.low, f.high
order by day, model, entity_id, start_date
