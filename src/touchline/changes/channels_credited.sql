-- reads: daily_rollups, organizations
-- grain: one channel of an organization
-- The credit of each channel under the default model, conversions without a touch included.
select r.organization_id as organization_id, r.entity_id as channel, cast(sum(r.credit) as bigint) as credit
from daily_rollups as r
join organizations as o on o.organization_id = r.organization_id and o.default_model = r.model
where r.basis = 'CONVERSION' and r.grain = 'CHANNEL'
group by r.organization_id, r.entity_id
