-- writes: evidence_channels_before
-- reads: evidence_channels, scope_touches_before
-- grain: one distinct evidence
-- What the evidence of touches that stand until now says; what nobody shows any more is gone before the sums are held.
select *
from evidence_channels
where evidence_id in (select evidence_id from scope_touches_before)
