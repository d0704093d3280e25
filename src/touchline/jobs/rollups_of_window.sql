-- reads: daily_rollups
-- grain: one row of the rollups
-- The rollups of a window, each with its key and with its sums as one text.
select
  cast(rollup_date as varchar) || ' ' || basis || ' ' || grain || ' ' || entity_id || ' ' || goal || ' ' || currency
    || ' ' || model || ' ' || site_id as row_key,
  cast(impressions as varchar) || ' ' || cast(clicks as varchar) || ' ' || cast(spend_micros as varchar) || ' '
    || cast(credit as varchar) || ' ' || cast(value_micros as varchar) || ' ' || cast(source_count as varchar)
    as content
from daily_rollups
where organization_id = $organization_id and rollup_date >= $start and rollup_date <= $end
  and ($model = '' or model = '' or model = $model)
