-- reads: conversions, paths, touchpoints
-- grain: everything
-- How many conversions count, how many of them have a touch, and how many touches there are at all.
select
  (select count(*) from conversions where is_counted) as conversions,
  (select count(distinct conversion_id) from paths) as touched,
  (select count(*) from touchpoints) as touchpoints
