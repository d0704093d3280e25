-- reads: identities
-- grain: one person
-- says: Persons with several browsers or devices.
with owners as (
  select person_id
  from identities
  where organization_id = $organization_id and identifier like 'v:%'
  group by person_id
  having count(distinct identifier) > 1
)
select count(*) as found
from owners
