-- reads: conversions
-- grain: one goal of one site
-- The first and the last day with a counted conversion, by goal and site.
select goal, site_id, min(conversion_date) as oldest_day, max(conversion_date) as newest_day
from conversions
where organization_id = $organization_id and is_counted
group by goal, site_id
order by goal, site_id
