-- reads: waste_findings, organizations
-- grain: one severity
-- How many campaigns have a finding other than insufficient data, under the default model and in the organization's
-- own currency.
select w.severity as severity, count(*) as findings
from waste_findings as w
join organizations as o on o.organization_id = w.organization_id and o.default_model = w.model
  and o.currency = w.currency
where w.organization_id = $organization_id and w.grain = 'CAMPAIGN' and w.reason <> 'insufficient_data'
group by w.severity
order by w.severity
