-- reads: waste_findings
-- includes: entities_of_one_site
-- grain: one finding
-- The findings of one grain under one model, most waste first; of one of several sites, those of what is of it alone.
select
  f.finding_id as finding_id, f.entity_id as entity_id, f.name as name, f.platform as platform,
  f.campaign_id as campaign_id, f.adset_id as adset_id, f.ad_id as ad_id, f.severity as severity, f.reason as reason,
  f.spend_micros as spend_micros, f.waste_micros as waste_micros, f.credit as credit, f.value_micros as value_micros,
  f.expected_waste_micros as expected_waste_micros, f.waste_low_micros as waste_low_micros,
  f.waste_high_micros as waste_high_micros, f.p_over_millionths as p_over_millionths,
  f.maturity_millionths as maturity_millionths, f.explanation as explanation, f.fit_id as fit_id
from waste_findings as f
left join entities_of_one_site as e on e.platform = f.platform and e.campaign_id = f.campaign_id
  and e.adset_id = f.adset_id and e.ad_id = f.ad_id
where f.organization_id = $organization_id and f.model = $model and f.grain = $grain and f.currency = $currency
  and ($severity = '' or f.severity = $severity) and f.waste_micros >= $min_waste_micros
  and $site_id in ('', e.site_id)
order by f.waste_micros desc, f.expected_waste_micros desc, f.finding_id
