-- writes: scope_accounts
-- reads: made_account_members, account_members_before, goals
-- grain: one account
-- The accounts of the persons of the scope, now and until now, where accounts own the paths to a goal.
with members as (
  select organization_id, account_id from made_account_members
  union
  select organization_id, account_id from account_members_before
)
select m.organization_id as organization_id, m.account_id as account_id
from members as m
join (select distinct organization_id from goals where path_owner = 'account') as g
  on g.organization_id = m.organization_id
