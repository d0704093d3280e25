-- reads: account_members, account_persons
-- grain: one account for which a person acts
-- For which accounts a person acts, since when, what shows it, and whether it is believed; the first hundred.
select
  m.account_id as account_id, m.first_seen_at as first_seen_at, m.event_count as event_count,
  m.claim_count as claim_count, m.is_verified as is_verified, p.is_believed as is_believed
from account_members as m
join account_persons as p on p.organization_id = m.organization_id and p.account_id = m.account_id
  and p.person_id = m.person_id
where m.organization_id = $organization_id and m.person_id = $person_id
order by m.account_id
limit 100
