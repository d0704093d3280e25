-- reads: attribution_links
-- grain: one touch of one conversion under one model
-- The credit that a person's touches got, 5,000 at a time.
select
  conversion_id || ' ' || touchpoint_id || ' ' || model as row_key,
  conversion_id, touchpoint_id, model, channel, credit, value_micros
from attribution_links
where organization_id = $organization_id
  and person_id = $person_id
  and conversion_id || ' ' || touchpoint_id || ' ' || model > $after
order by row_key
limit 5000
