-- reads: conversions, touchpoints
-- grain: everything
-- How many touches of a person count as before a conversion of theirs, or as at the same moment.
select count(*) as touches
from conversions as c
join touchpoints as t on t.person_id = c.person_id and t.counted_at <= c.occurred_at
where c.organization_id = $organization_id and c.conversion_id = $conversion_id
