-- reads: conversions, touchpoints, conversion_accounts, account_persons, merged_accounts
-- grain: one touch of the owner of one conversion's path
-- Everything that the person did, or where the account owns the path, what its members did and not for another account.
with owned as (
  select
    c.organization_id as organization_id, c.person_id as person_id, c.occurred_at as converted_at,
    case when c.path_owner = 'account' then a.account_id end as account_id
  from conversions as c
  left join conversion_accounts as a on a.conversion_id = c.conversion_id
  where c.organization_id = $organization_id and c.conversion_id = $conversion_id
)
select
  o.converted_at as converted_at, o.account_id as account_id, t.person_id as person_id,
  t.touchpoint_id as touchpoint_id, t.counted_at as counted_at
from owned as o
join touchpoints as t on t.person_id = o.person_id
where o.account_id is null
union all
select
  o.converted_at as converted_at, o.account_id as account_id, t.person_id as person_id,
  t.touchpoint_id as touchpoint_id, t.counted_at as counted_at
from owned as o
join account_persons as m on m.organization_id = o.organization_id and m.account_id = o.account_id
join touchpoints as t on t.person_id = m.person_id
left join merged_accounts as g on g.organization_id = t.organization_id and g.account_id = t.account_id
where m.is_believed and coalesce(g.main_account_id, t.account_id, o.account_id) = o.account_id
