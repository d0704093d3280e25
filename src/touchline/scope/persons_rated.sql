-- writes: scope_persons
-- reads: conversions_rated
-- grain: one person
-- The persons with a stored conversion whose rate changed.
select person_id
from conversions_rated
