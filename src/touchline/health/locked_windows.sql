-- writes: health_limits
-- reads: fits
-- grain: one fit
-- The days of the closed window that each fit of limits is made of.
select fit_id, window_start, window_end
from fits
where kind = 'PROCESS_LIMITS'
order by fit_id
