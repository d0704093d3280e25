-- writes: scope_conversions_renamed
-- reads: attribution_links, scope_touches_renamed, scope_conversions
-- grain: one otherwise unchanged conversion, and its person
-- One of its credited touches carries an id or a name that was added, removed, or reassigned.
select distinct l.conversion_id as conversion_id, l.person_id as person_id
from attribution_links as l
join scope_touches_renamed as r on r.touchpoint_id = l.touchpoint_id
where l.conversion_id not in (select conversion_id from scope_conversions)
