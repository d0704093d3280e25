-- writes: scope_persons_renamed
-- reads: scope_conversions_renamed, attribution_links, touchpoints
-- grain: one person
-- The persons of the conversions whose campaign, ad set, or ad has a new name, and of the touches with their credit.
select distinct person_id
from scope_conversions_renamed
union
select distinct t.person_id as person_id
from scope_conversions_renamed as r
join attribution_links as l on l.conversion_id = r.conversion_id
join touchpoints as t on t.touchpoint_id = l.touchpoint_id
