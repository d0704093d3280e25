-- writes: scope_conversions
-- reads: made_conversions, conversions_before, scope_ordinary
-- grain: one conversion
-- All conversions of the persons who were not crowded before this run.
select conversion_id
from made_conversions
where person_id in (select person_id from scope_ordinary)
union
select conversion_id
from conversions_before
where person_id in (select person_id from scope_ordinary)
