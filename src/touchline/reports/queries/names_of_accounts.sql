-- reads: merged_accounts
-- grain: one account that is one with another
-- Further names of accounts.
select main_account_id as account_id, account_id as name
from merged_accounts
where organization_id = $organization_id and account_id <> main_account_id
order by main_account_id, account_id
