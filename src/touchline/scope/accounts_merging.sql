-- writes: scope_merging
-- reads: scope_accounts_claimed, merged_accounts
-- grain: one account
-- Those accounts, and all that were one with them: claims that merge never leave this set.
select organization_id, account_id
from scope_accounts_claimed
union
select o.organization_id as organization_id, o.account_id as account_id
from scope_accounts_claimed as c
join merged_accounts as m on m.organization_id = c.organization_id and m.account_id = c.account_id
join merged_accounts as o on o.organization_id = m.organization_id and o.main_account_id = m.main_account_id
