-- writes: scope_names_merging
-- reads: scope_merging
-- grain: one account, as claims name it
-- The accounts that may be merged otherwise, as the first of a claim.
select organization_id, 'a:' || account_id as identifier
from scope_merging
