-- writes: scope_persons_renamed
-- reads: scope_conversions_renamed
-- grain: one person
-- The persons of the conversions whose campaign, ad set, or ad has a new name.
select distinct person_id
from scope_conversions_renamed
