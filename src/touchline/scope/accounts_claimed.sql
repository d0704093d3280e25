-- writes: scope_accounts_claimed
-- reads: changed_claims
-- grain: one account of a new claim
-- The accounts that new claims, or withdrawn ones, call one.
select organization_id, substr(identifier, 3) as account_id
from changed_claims
where identifier like 'a:%' and linked_identifier like 'a:%'
union
select organization_id, substr(linked_identifier, 3) as account_id
from changed_claims
where identifier like 'a:%' and linked_identifier like 'a:%'
