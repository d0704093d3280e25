-- reads: conversions, paths, conversion_accounts
-- includes: journey_steps
-- grain: one number of whole days
-- How many conversions came so many days after the first touch of their path.
with lags as (
  select conversion_id, max(age_micros) as age_micros
  from journey_steps
  group by conversion_id
)
select cast((age_micros - age_micros % 86400000000) // 86400000000 as bigint) as days, count(*) as conversions
from lags
group by 1
order by 1
