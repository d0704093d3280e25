-- writes: scope_remerged
-- reads: scope_merging, merged_accounts_before
-- grain: one account, by the name that it had
-- The accounts whose merges may have changed, as members stand for them until now.
select distinct s.organization_id as organization_id, coalesce(m.main_account_id, s.account_id) as account_id
from scope_merging as s
left join merged_accounts_before as m on m.organization_id = s.organization_id and m.account_id = s.account_id
