-- writes: account_touches
-- reads: account_persons, touchpoints, organizations, merged_accounts
-- grain: one touch of one account
-- The touches of those who are believed to be members, but for those that name another account.
-- Claimed touches are left out where the organization says so.
select
  m.organization_id as organization_id,
  m.account_id as account_id,
  t.person_id as person_id,
  t.touchpoint_id as touchpoint_id,
  t.evidence_id as evidence_id,
  t.occurred_at as occurred_at,
  t.counted_at as counted_at
from account_persons as m
join touchpoints as t on t.person_id = m.person_id
join organizations as o on o.organization_id = m.organization_id
left join merged_accounts as g on g.organization_id = t.organization_id and g.account_id = t.account_id
where m.is_believed and (o.claimed_touches = 'count' or not t.is_claimed)
  and coalesce(g.main_account_id, t.account_id, m.account_id) = m.account_id
