-- reads: identities
-- grain: one identifier
-- All the identifiers of the person that one of them names.
select i.identifier as identifier
from identities as i
join identities as n on n.organization_id = i.organization_id and n.person_id = i.person_id
where n.organization_id = $organization_id and n.identifier = $identifier
order by i.identifier
