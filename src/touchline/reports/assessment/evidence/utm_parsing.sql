-- reads: touchpoints
-- grain: one touch
-- says: Touches with a utm_source.
select count(*) as found
from touchpoints
where organization_id = $organization_id and utm_source is not null
