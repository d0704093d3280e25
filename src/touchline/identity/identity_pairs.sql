-- writes: identity_pairs
-- reads: tracking_events, identity_claims, blocked_identifiers
-- grain: one pair of identifiers that stand together on an event, or in a claim
-- What events and claims show of two identifiers together: how often, since when, and whether anybody can be held to it.
with shown as (
  select
    organization_id, identifier,
    'u:' || user_id as linked_identifier,
    occurred_at, 1 as is_event,
    case when is_verified then 1 else 0 end as is_proof,
    case when is_verified then '0 ' else '5 ' end || site_id as evidence, 0 as is_separation
  from tracking_events
  where user_id is not null
  union all
  select
    organization_id, identifier,
    'm:' || email_hash as linked_identifier,
    occurred_at, 1 as is_event,
    case when is_verified then 1 else 0 end as is_proof,
    case when not is_verified then '5 ' when is_email_verified then '1 ' else '4 ' end || site_id as evidence,
    0 as is_separation
  from tracking_events
  where email_hash is not null
  union all
  select
    organization_id, identifier, linked_identifier,
    claimed_at as occurred_at, 0 as is_event, case when source = 'separated' then 0 else 1 end as is_proof,
    case when source = 'separated' then '9 ' else '2 ' end || source as evidence,
    case when source = 'separated' then 1 else 0 end as is_separation
  from identity_claims
  where linked_identifier not like 'a:%' -- an account is no person's name
),
paired as (
  select
    organization_id, identifier, linked_identifier,
    min(case when is_separation = 0 then occurred_at end) as first_seen_at,
    sum(is_event) as event_count,
    sum(1 - is_event - is_separation) as claim_count,
    max(is_separation) = 1 as is_separated,
    max(is_proof) = 1 as is_verified,
    min(evidence) as evidence -- of the best tier; its digit is the tier's place in touchline.identity.tiers
  from shown
  where identifier <> linked_identifier
  group by organization_id, identifier, linked_identifier
  having min(is_separation) = 0 -- what nothing shows needs no separating
),
names as (
  select identifier as name from paired
  union
  select linked_identifier as name from paired
),
written as (
  select
    name,
    lower(trim(substr(name, case when name like 'v:%' then strpos(substr(name, 3), ':') + 3 else 3 end))) as value
  from names
),
plain as (
  select name, value, letters_of(value) as letters, substr(letters_of(value) || '-', 1, 1) as initial
  from written
),
folded as (
  -- one character again and again is as good as none; the same rule is touchline.placeholders in Python
  select
    name, value,
    case
      when letters = repeat(initial, length(letters))
        and length(letters) >= case
          when initial = '0' then 1
          when strpos('123456789', initial) > 0 then 6
          when strpos('abcdefghijklmnopqrstuvwxyz', initial) > 0 then 3
          else length(letters) + 1
        end
      then '' else letters
    end as letters
  from plain
),
nobody as (
  select f.name as name
  from folded as f
  left join blocked_identifiers as b on b.named_value = f.value
  left join blocked_identifiers as o on o.named_value = f.letters
  where b.named_value is not null or o.named_value is not null
)
select
  p.organization_id as organization_id,
  p.identifier as identifier,
  p.linked_identifier as linked_identifier,
  p.first_seen_at as first_seen_at,
  p.event_count as event_count,
  p.claim_count as claim_count,
  p.is_verified as is_verified,
  a.name is not null or b.name is not null as is_blocked,
  p.is_separated as is_separated,
  case substr(p.evidence, 1, 1)
    when '0' then 'strong_id' when '1' then 'email_validated' when '2' then 'claimed' when '4' then 'email_unvalidated'
    else 'claimed_by_browser'
  end as tier,
  substr(p.evidence, 3) as source
from paired as p
left join nobody as a on a.name = p.identifier
left join nobody as b on b.name = p.linked_identifier
