-- reads:
-- includes: journey_steps
-- grain: one number of whole days
-- How many conversions came this number of days after the first touch of their path.
with lags as (
  select conversion_id, max(age_micros) as lag_micros
  from journey_steps
  group by conversion_id
),
whole as (
  select cast((lag_micros - lag_micros % 86400000000) // 86400000000 as bigint) as days
  from lags
)
select days, count(*) as conversions
from whole
group by days
order by days
