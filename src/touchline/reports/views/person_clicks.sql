-- reads: chosen_clicks, touchpoints, sites
-- grain: one person and ad platform whose click ids the person brought
-- The click that answers for the person: the first one while it is fresh, else the newest.
select
  k.organization_id as organization_id,
  k.person_id as person_id,
  k.platform as platform,
  t.site_id as site_id,
  k.touchpoint_id as touch_id,
  t.touch_date as date,
  local_time(k.occurred_at, s.time_zone) as occurred_at,
  k.occurred_at as occurred_at_utc,
  k.click_id_names as click_id_names,
  k.click_ids as click_ids,
  k.is_initial as is_initial,
  k.fresh_days as fresh_days,
  k.as_of as as_of_utc,
  k.click_count as click_count,
  k.initial_touchpoint_id as initial_touch_id,
  k.newest_touchpoint_id as newest_touch_id
from chosen_clicks as k
join touchpoints as t on t.touchpoint_id = k.touchpoint_id
join sites as s on s.site_id = t.site_id
