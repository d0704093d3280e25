-- writes: account_persons
-- reads: account_members
-- grain: one person who acts for one account
-- Where anybody is a verified member of an account, a browser alone makes no member of it.
select
  organization_id, account_id, person_id, is_verified, is_only,
  is_verified
  or max(case when is_verified then 1 else 0 end) over (partition by organization_id, account_id) = 0 as is_believed
from account_members
