-- writes: scope_conversions
-- reads: changed_conversions
-- grain: one conversion
-- Conversions of crowded persons that were added, removed, or changed.
select distinct conversion_id
from changed_conversions
