-- reads: waste_findings
-- grain: one window
-- How many findings of campaigns are held back because conversions of these days were not recorded.
select window_start, window_end, count(*) as findings
from waste_findings
where organization_id = $organization_id and model = $model and grain = 'CAMPAIGN' and reason = 'tracking_break'
group by window_start, window_end
order by window_start, window_end
