-- writes: scope_evidence
-- reads: touchpoints, scope_persons
-- grain: one distinct evidence
-- What the touches of the scope show.
select distinct t.evidence_id as evidence_id
from touchpoints as t
join scope_persons as p on p.person_id = t.person_id
