-- writes: conversions_of_scope
-- reads: made_conversions, conversions_of_colleagues, scope_conversions
-- grain: one conversion of the scope
-- The conversions whose credit is recomputed, in their current state.
select *
from made_conversions
where conversion_id in (select conversion_id from scope_conversions)
union all
select *
from conversions_of_colleagues
where conversion_id in (select conversion_id from scope_conversions)
