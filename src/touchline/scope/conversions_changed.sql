-- writes: scope_conversions
-- reads: made_conversions, conversions_before, made_paths, paths_before
-- grain: one conversion
-- Of the persons of the scope, the conversions that came, went or changed, themselves or their paths.
select conversion_id from (select * from conversions_before except select * from made_conversions) as gone
union
select conversion_id from (select * from made_conversions except select * from conversions_before) as come
union
select conversion_id from (select * from paths_before except select * from made_paths) as gone_paths
union
select conversion_id from (select * from made_paths except select * from paths_before) as come_paths
