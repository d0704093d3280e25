-- reads: tracking_events, identity_claims
-- grain: one sighting of a pair of identifiers
-- Every moment at which the named identifiers showed others, in events and claims of the last run.
select identifier, 'u:' || user_id as linked_identifier, occurred_at as observed_at,
  case when is_verified then 'strong_id' else 'claimed_by_browser' end as tier
from tracking_events
where organization_id = $organization_id and identifier in ($names) and user_id is not null
union
select identifier, 'm:' || email_hash as linked_identifier, occurred_at as observed_at,
  case
    when not is_verified then 'claimed_by_browser' when is_email_verified then 'email_validated'
    else 'email_unvalidated'
  end as tier
from tracking_events
where organization_id = $organization_id and identifier in ($names) and email_hash is not null
union
select identifier, linked_identifier, claimed_at as observed_at, 'claimed' as tier
from identity_claims
where organization_id = $organization_id and identifier in ($names) and source <> 'separated'
