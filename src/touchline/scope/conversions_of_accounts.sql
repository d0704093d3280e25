-- writes: scope_conversions
-- reads: made_conversions, conversions_of_colleagues, account_members_of_scope, merged_accounts, scope_accounts_recomputed
-- grain: one conversion
-- Of the persons of the scope, all conversions that accounts may own the paths to. Of colleagues, those of a touched account that owns their paths, and all of one whose members may be believed otherwise.
with named as (
  select
    c.organization_id as organization_id, c.person_id as person_id, c.conversion_id as conversion_id,
    c.path_owner as path_owner,
    coalesce(g.main_account_id, c.account_id) as account_id
  from conversions_of_colleagues as c
  left join merged_accounts as g on g.organization_id = c.organization_id and g.account_id = c.account_id
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
join scope_accounts_recomputed as s
  on s.organization_id = c.organization_id and s.account_id = coalesce(n.account_id, o.account_id)
where c.path_owner = 'account' or s.is_judged_again
