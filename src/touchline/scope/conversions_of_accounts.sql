-- writes: scope_conversions
-- reads: made_conversions, conversions_of_colleagues, account_members_of_scope, merged_accounts, scope_accounts
-- grain: one conversion
-- Of the conversions that accounts may own the paths to: all of the persons of the scope, and those of colleagues whose account is touched.
with named as (
  select
    c.organization_id as organization_id, c.person_id as person_id, c.conversion_id as conversion_id,
    coalesce(g.main_account_id, c.account_id) as account_id
  from conversions_of_colleagues as c
  left join merged_accounts as g on g.organization_id = c.organization_id and g.account_id = c.account_id
  where c.path_owner = 'account'
),
only_ones as (
  select person_id, account_id from account_members_of_scope where is_only
)
select conversion_id
from made_conversions
where path_owner = 'account'
union
select c.conversion_id as conversion_id
from named as c
left join account_members_of_scope as n on n.person_id = c.person_id and n.account_id = c.account_id
left join only_ones as o on o.person_id = c.person_id
join scope_accounts as s
  on s.organization_id = c.organization_id and s.account_id = coalesce(n.account_id, o.account_id)
