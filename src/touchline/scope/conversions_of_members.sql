-- writes: scope_conversions
-- reads: made_conversions, made_account_members, account_members_before, scope_accounts_recomputed
-- grain: one conversion
-- All conversions of the persons of the scope whose memberships changed, or whose account has other members that are believed.
with members as (
  select organization_id, account_id, person_id, is_verified, is_only, 1 as is_now, 0 as was_before
  from made_account_members
  union all
  select organization_id, account_id, person_id, is_verified, is_only, 0 as is_now, 1 as was_before
  from account_members_before
),
changed as (
  select person_id
  from members
  group by organization_id, account_id, person_id, is_verified, is_only
  having sum(is_now) <> sum(was_before)
  union
  select m.person_id as person_id
  from made_account_members as m
  join scope_accounts_recomputed as s on s.organization_id = m.organization_id and s.account_id = m.account_id
  where s.is_judged_again
)
select conversion_id
from made_conversions
where person_id in (select person_id from changed)
