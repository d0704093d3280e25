-- writes: paths_of_scope
-- reads: made_paths, scope_conversions
-- grain: one touch on the path of one conversion of the scope
-- The paths of the conversions whose credit is given again.
select *
from made_paths
where conversion_id in (select conversion_id from scope_conversions)
