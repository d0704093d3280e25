-- writes: scope_conversions
-- reads: made_conversions, scope_crowded, crowded_persons
-- grain: one conversion
-- All conversions of persons who are not crowded any more: their paths keep more touches.
select conversion_id
from made_conversions
where person_id in (select person_id from scope_crowded)
  and person_id not in (select person_id from crowded_persons)
