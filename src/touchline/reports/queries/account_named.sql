-- reads: account_members, merged_accounts
-- grain: one account
-- The account of a name that it has, or had before it became one with others.
with mains as (
  select main_account_id as account_id
  from merged_accounts
  where organization_id = $organization_id and account_id = $named
  union
  select account_id
  from account_members
  where organization_id = $organization_id and account_id = $named
)
select distinct m.account_id as account_id
from mains as m
join account_members as a on a.account_id = m.account_id
where a.organization_id = $organization_id
