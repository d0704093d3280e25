-- writes: scope_persons_first
-- reads: members_of_remerged
-- grain: one person
-- The members of accounts that may be merged otherwise.
select distinct person_id
from members_of_remerged
