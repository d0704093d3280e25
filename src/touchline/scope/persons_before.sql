-- writes: scope_persons_before
-- reads: identities_before, scope_identifiers
-- grain: one person
-- The persons that had one of these identifiers before this run.
select distinct b.person_id as person_id
from identities_before as b
join scope_identifiers as s on s.organization_id = b.organization_id and s.identifier = b.identifier
