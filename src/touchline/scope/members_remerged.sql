-- writes: scope_persons_first
-- reads: members_of_remerged
-- grain: one person
-- The members of accounts whose merges may have changed.
select distinct person_id
from members_of_remerged
