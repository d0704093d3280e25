-- reads: conversions
-- grain: one conversion
-- says: Conversions whose customer said where they heard of the shop.
select count(*) as found
from conversions
where organization_id = $organization_id and self_reported_source is not null
