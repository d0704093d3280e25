-- writes: scope_accounts
-- reads: made_account_members, account_members_before
-- grain: one account
-- The accounts of the persons of the scope, now and until now.
select organization_id, account_id from made_account_members
union
select organization_id, account_id from account_members_before
