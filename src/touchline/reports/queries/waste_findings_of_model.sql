-- reads: waste_findings
-- grain: one finding
-- The stored findings of one grain under one model: of the waste window and the primary goal.
select
  finding_id, entity_id, name, platform, campaign_id, adset_id, ad_id, severity, reason, spend_micros, waste_micros,
  credit, value_micros, expected_waste_micros, waste_low_micros, waste_high_micros, p_over_millionths,
  maturity_millionths, explanation, fit_id
from waste_findings
where organization_id = $organization_id and model = $model and grain = $grain and currency = $currency
