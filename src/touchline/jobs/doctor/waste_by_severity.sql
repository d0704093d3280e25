-- reads: waste_findings, organizations
-- grain: one organization and severity
-- How many campaigns are found wasteful under the default models, in the organizations' own currencies.
select w.organization_id as organization_id, w.severity as severity, count(*) as findings
from waste_findings as w
join organizations as o on o.organization_id = w.organization_id and o.default_model = w.model
  and o.currency = w.currency
where w.grain = 'CAMPAIGN'
group by w.organization_id, w.severity
order by w.organization_id, w.severity
