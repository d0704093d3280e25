-- reads: touchpoints
-- grain: one site, goal and day
-- place: 2
-- says: Landings with a click id
-- owner: engineering
-- since: 0.2
select site_id, '' as goal, touch_date as period, count(*) as reached
from touchpoints
where organization_id = $organization_id and touch_date >= $start and touch_date <= $end
  and is_landing and click_id_names is not null
group by site_id, touch_date
order by site_id, touch_date
