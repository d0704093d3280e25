-- reads: daily_rollups
-- grain: one day and channel
-- What each channel has of the conversions of a day, conversions without a touch included.
select
  rollup_date as day, entity_id as channel,
  cast(sum(credit) as bigint) as credit, total(value_micros) as value_micros
from daily_rollups
where organization_id = $organization_id and basis = 'CONVERSION' and grain = 'CHANNEL' and model = $model
  and currency = $currency and $goal in ('', goal) and $site_id in ('', site_id)
  and rollup_date >= $start and rollup_date <= $end
group by rollup_date, entity_id
order by rollup_date, entity_id
