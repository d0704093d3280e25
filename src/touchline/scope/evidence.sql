-- writes: scope_evidence
-- reads: made_touchpoints, scope_touches_before, evidence_channels
-- grain: one distinct evidence
-- The evidence that nobody showed before, and what persons of the scope show no more; an id says all that the ladder needs.
select distinct t.evidence_id as evidence_id
from made_touchpoints as t
left join evidence_channels as c on c.evidence_id = t.evidence_id
where c.evidence_id is null
union
(
  select evidence_id from scope_touches_before
  except
  select evidence_id from made_touchpoints
)
