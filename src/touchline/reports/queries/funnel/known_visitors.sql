-- reads: touchpoints
-- grain: one site, goal and day
-- place: 4
-- says: Visitors of a day who are known by more than their browser
-- owner: engineering
-- since: 0.2
select site_id, '' as goal, touch_date as period, count(distinct person_id) as reached
from touchpoints
where organization_id = $organization_id and touch_date >= $start and touch_date <= $end
  and is_landing and identity_tier <> 'unresolved'
group by site_id, touch_date
order by site_id, touch_date
