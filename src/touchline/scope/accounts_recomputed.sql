-- writes: scope_accounts_recomputed
-- reads: scope_accounts, made_account_members, account_members_before, goals
-- grain: one account
-- Those accounts of which conversions of other members may change: where accounts own the paths to a goal, and where a verified member came or went, so that others may be believed or not.
with verified as (
  select organization_id, account_id, person_id, 1 as is_now, 0 as was_before
  from made_account_members
  where is_verified
  union all
  select organization_id, account_id, person_id, 0 as is_now, 1 as was_before
  from account_members_before
  where is_verified
),
members as (
  select organization_id, account_id, person_id, sum(is_now) - sum(was_before) as change
  from verified
  group by organization_id, account_id, person_id
),
changed as (
  select distinct organization_id, account_id
  from members
  where change <> 0
),
owning as (
  select distinct organization_id
  from goals
  where path_owner = 'account'
)
select
  s.organization_id as organization_id,
  s.account_id as account_id,
  c.account_id is not null as is_judged_again
from scope_accounts as s
left join changed as c on c.organization_id = s.organization_id and c.account_id = s.account_id
left join owning as o on o.organization_id = s.organization_id
where c.account_id is not null or o.organization_id is not null
