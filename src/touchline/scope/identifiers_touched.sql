-- writes: scope_touched
-- reads: changed_events, changed_claims
-- grain: one identifier on a new event or claim
-- The identifiers on new events and in new claims.
select organization_id, identifier from changed_events
union
select organization_id, 'u:' || user_id as identifier from changed_events where user_id is not null
union
select organization_id, 'm:' || email_hash as identifier from changed_events where email_hash is not null
union
select organization_id, identifier from changed_claims
union
select organization_id, linked_identifier as identifier from changed_claims
