-- reads: chosen_clicks
-- grain: one ad platform
-- The click that answers for the person on each platform.
select
  platform, touchpoint_id, occurred_at, click_id_names, click_ids, is_initial, initial_touchpoint_id,
  newest_touchpoint_id, as_of, fresh_days, click_count
from chosen_clicks
where organization_id = $organization_id and person_id = $person_id
order by platform
