-- reads: paths
-- grain: one touch of a path
-- says: Touches with their place before a conversion.
select count(*) as found
from paths
where organization_id = $organization_id and position > 0
