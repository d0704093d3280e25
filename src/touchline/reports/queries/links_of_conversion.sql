-- reads: attribution_links
-- grain: one link
-- The credit of one conversion.
select touchpoint_id, model, credit, weight, value_micros, fit_id
from attribution_links
where organization_id = $organization_id and conversion_id = $conversion_id
order by model, position
