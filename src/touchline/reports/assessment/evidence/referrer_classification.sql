-- reads: touchpoints, evidence_channels
-- grain: one touch
-- says: Touches whose channel comes from the referrer alone.
select count(*) as found
from touchpoints as t
join evidence_channels as e on e.evidence_id = t.evidence_id
where t.organization_id = $organization_id and t.referrer_host is not null and t.utm_source is null and t.click_id_names is null
  and e.channel <> 'Direct'
