-- writes: scope_conversions
-- reads: changed_conversions
-- grain: one conversion
-- Of crowded persons, the conversions that came, went or changed.
select distinct conversion_id
from changed_conversions
