-- writes: scope_evidence
-- reads: made_touchpoints, scope_touches_before, evidence_channels
-- grain: one distinct evidence
-- New evidence, and evidence that the scope's persons show no more; the id contains everything that the ladder reads.
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
