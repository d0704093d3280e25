-- reads: identities
-- grain: one id
-- says: Account and e-mail ids of persons who have further ids.
with merged as (
  select person_id
  from identities
  where organization_id = $organization_id
  group by person_id
  having count(distinct identifier) > 1
)
select count(*) as found
from identities as i
join merged as m on m.person_id = i.person_id
where i.organization_id = $organization_id and i.identifier not like 'v:%'
