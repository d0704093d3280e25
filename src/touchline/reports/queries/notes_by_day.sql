-- reads: health_notes
-- grain: one note
-- What people noted about the days of the window.
select note_id, period, site_id, said
from health_notes
where organization_id = $organization_id and period >= $start and period <= $end
  and ($site_id = '' or site_id = '' or site_id = $site_id)
order by period, note_id
