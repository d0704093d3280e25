-- reads: conversions
-- grain: one conversion
-- says: Conversions that count, with their signal type.
select count(*) as found
from conversions
where organization_id = $organization_id and is_counted and signal_type <> ''
