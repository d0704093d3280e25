-- reads: identity_pairs
-- grain: one pair of ids
-- says: Pairs of ids that many events show, each kept once.
select count(*) as found
from identity_pairs
where organization_id = $organization_id and event_count > 1
