-- writes: merged_accounts
-- reads: identity_claims
-- grain: one pair of accounts that are said to be one
-- What claims say of two accounts; a claim of a person and an account makes a member, and merges nothing.
select
  organization_id,
  substr(identifier, 3) as identifier,
  substr(linked_identifier, 3) as linked_identifier
from identity_claims
where identifier like 'a:%' and linked_identifier like 'a:%'
group by organization_id, identifier, linked_identifier
having max(case when source = 'separated' then 1 else 0 end) = 0
