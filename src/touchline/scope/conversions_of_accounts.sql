-- writes: scope_conversions
-- reads: made_conversions, conversions_of_colleagues, account_members_of_scope, merged_accounts, scope_accounts
-- grain: one conversion
-- All conversions of these accounts that accounts own the paths to.
with owned as (
  select organization_id, person_id, conversion_id, account_id from made_conversions where path_owner = 'account'
  union all
  select organization_id, person_id, conversion_id, account_id from conversions_of_colleagues where path_owner = 'account'
),
named as (
  select
    c.organization_id as organization_id, c.person_id as person_id, c.conversion_id as conversion_id,
    coalesce(g.main_account_id, c.account_id) as account_id
  from owned as c
  left join merged_accounts as g on g.organization_id = c.organization_id and g.account_id = c.account_id
),
only_ones as (
  select person_id, account_id from account_members_of_scope where is_only
)
select c.conversion_id as conversion_id
from named as c
left join account_members_of_scope as n on n.person_id = c.person_id and n.account_id = c.account_id
left join only_ones as o on o.person_id = c.person_id
join scope_accounts as s
  on s.organization_id = c.organization_id and s.account_id = coalesce(n.account_id, o.account_id)
