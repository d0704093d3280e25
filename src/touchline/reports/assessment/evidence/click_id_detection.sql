-- reads: touchpoints
-- grain: one touch
-- says: Touches with a click id.
select count(*) as found
from touchpoints
where organization_id = $organization_id and click_id_names is not null
