-- reads: identities
-- grain: one identifier in one period
-- The first hundred times in which a person used what others use, too.
select identifier, valid_from, valid_until
from identities
where organization_id = $organization_id and person_id = $person_id
  and (valid_from is not null or valid_until is not null)
order by identifier, period_number
limit 100
