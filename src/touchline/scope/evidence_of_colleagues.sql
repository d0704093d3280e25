-- writes: evidence_of_colleagues
-- reads: evidence_channels, touchpoints_of_colleagues, evidence_channels_before
-- grain: one distinct evidence
-- What the evidence of the touches of colleagues says, where it is not held already.
select *
from evidence_channels
where evidence_id in (select evidence_id from touchpoints_of_colleagues)
  and evidence_id not in (select evidence_id from evidence_channels_before)
