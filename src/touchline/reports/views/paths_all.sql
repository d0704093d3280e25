-- reads: paths, conversions, organizations, sites
-- grain: one touch on the path of one conversion, eligible for credit or not, in any currency
-- A path holds its owner's touches before a conversion within the lookback; of many, the first and the nearest.
select
  p.organization_id as organization_id,
  c.site_id as site_id,
  p.conversion_id as conversion_id,
  p.touchpoint_id as touch_id,
  p.person_id as person_id,
  c.goal as goal,
  o.primary_goal in ('', c.goal) as is_primary_goal,
  c.conversion_date as conversion_date,
  local_time(p.occurred_at, s.time_zone) as occurred_at,
  p.occurred_at as occurred_at_utc,
  p.channel as channel,
  p.is_eligible as is_eligible,
  nullif(p.position, 0) as position,
  p.eligible_count + p.idle_count as touch_count,
  p.age_micros / 86400000000.0 as days_before,
  c.currency as currency,
  c.currency = o.currency as is_own_currency,
  p.account_id as path_account_id
from paths as p
join conversions as c on c.conversion_id = p.conversion_id
join organizations as o on o.organization_id = p.organization_id
join sites as s on s.site_id = c.site_id
