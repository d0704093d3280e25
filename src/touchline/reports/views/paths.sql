-- includes: paths_all
-- grain: one touch on the path of one conversion, eligible for credit or not, in the organization's currency
-- A path holds its owner's touches before a conversion within the lookback; of many, the first and the nearest.
select
  organization_id, site_id, conversion_id, touch_id, person_id, goal, is_primary_goal, conversion_date, occurred_at,
  occurred_at_utc, channel, is_eligible, position, touch_count, days_before, currency,
  path_account_id
from paths_all
where is_own_currency
