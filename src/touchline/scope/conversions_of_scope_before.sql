-- writes: conversions_of_scope_before
-- reads: conversions_before, conversions_of_colleagues, scope_conversions
-- grain: one conversion of the scope
-- The conversions whose credit is recomputed, in their state before this run.
select *
from conversions_before
where conversion_id in (select conversion_id from scope_conversions)
union all
select *
from conversions_of_colleagues
where conversion_id in (select conversion_id from scope_conversions)
