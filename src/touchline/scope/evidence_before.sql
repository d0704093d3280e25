-- writes: evidence_channels_before
-- reads: evidence_channels, scope_touches_before
-- grain: one distinct evidence
-- The touches' evidence before this run: what no touch shows any more is removed before the sums are read.
select *
from evidence_channels
where evidence_id in (select evidence_id from scope_touches_before)
