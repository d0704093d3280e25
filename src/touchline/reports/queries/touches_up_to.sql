-- includes: touches_of_owner
-- grain: everything
-- How many touches of the owner of a conversion's path count as before it, or as at the same moment.
select count(*) as touches
from touches_of_owner
where counted_at <= converted_at
