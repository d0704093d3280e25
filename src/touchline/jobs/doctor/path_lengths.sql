-- reads: conversions, paths, touchpoints
-- grain: everything
-- How many conversions count, how many of them have a touch, and how many touches there are at all.
select
  (select count(*) from conversions where organization_id = $organization_id and is_counted) as conversions,
  (select count(distinct conversion_id) from paths where organization_id = $organization_id) as touched,
  (select count(*) from touchpoints where organization_id = $organization_id) as touchpoints
