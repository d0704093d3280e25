-- reads: identity_edges
-- grain: the organization, if it has such pairs
-- How many pairs join nobody because more ids hang together there than largest_group allows, and one of them.
select count(*) as pairs, min(identifier || ' and ' || linked_identifier) as example
from identity_edges
where organization_id = $organization_id and reason = 'too_large'
having count(*) > 0
