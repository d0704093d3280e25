-- reads: waste_findings
-- grain: one finding
-- The findings of one grain under one model, most waste first.
select
  finding_id, entity_id, name, platform, campaign_id, adset_id, ad_id, severity, reason, spend_micros, waste_micros,
  credit, value_micros, explanation, fit_id
from waste_findings
where organization_id = $organization_id and model = $model and grain = $grain and currency = $currency
  and ($severity = '' or severity = $severity) and waste_micros >= $min_waste_micros
order by waste_micros desc, finding_id
