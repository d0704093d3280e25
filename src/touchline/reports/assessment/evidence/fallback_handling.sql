-- reads: touchpoints, evidence_channels
-- grain: one touch
-- says: Touches without evidence, which are Direct.
select count(*) as found
from touchpoints as t
join evidence_channels as e on e.evidence_id = t.evidence_id
where t.organization_id = $organization_id and e.channel = 'Direct'
