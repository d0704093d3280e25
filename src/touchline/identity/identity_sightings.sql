-- writes: identity_sightings
-- reads: tracking_events, identity_claims
-- grain: one moment at which an identifier shows another one, in one tier
-- Of identifiers that show different names, or on different authority: each sighting that differs from the one before it.
-- A sighting that repeats the one before it changes nobody; of several at one moment, none is before the other.
with shown as (
  select
    organization_id, identifier, occurred_at as observed_at,
    'u:' || user_id as user_name, 'm:' || email_hash as email_name, null as claimed_name,
    case when is_verified then 'strong_id' else 'claimed_by_browser' end as user_tier,
    case
      when not is_verified then 'claimed_by_browser' when is_email_verified then 'email_validated'
      else 'email_unvalidated'
    end as email_tier
  from tracking_events
  where 'u:' || user_id <> identifier or 'm:' || email_hash <> identifier
  union all
  select
    organization_id, identifier, claimed_at as observed_at,
    null as user_name, null as email_name, linked_identifier as claimed_name,
    'claimed' as user_tier, 'claimed' as email_tier
  from identity_claims
  where source <> 'separated'
    and linked_identifier not like 'a:%' -- an account is no person's name
),
keyed as (
  select
    *,
    user_tier || ' ' || email_tier || ' ' || coalesce(email_name, '') || ' ' || coalesce(user_name, claimed_name, '')
      as naming
  from shown
),
several as (
  select organization_id, identifier
  from keyed
  group by organization_id, identifier
  having min(naming) <> max(naming)
),
named as (
  select distinct
    k.organization_id as organization_id,
    k.identifier as identifier,
    k.observed_at as observed_at,
    k.user_name as user_name,
    k.email_name as email_name,
    k.claimed_name as claimed_name,
    k.user_tier as user_tier,
    k.email_tier as email_tier,
    k.naming as naming
  from keyed as k
  join several as s on s.organization_id = k.organization_id and s.identifier = k.identifier
),
counted as (
  select *, count(*) over (partition by organization_id, identifier, observed_at) as at_once
  from named
),
compared as (
  select
    *,
    lag(naming) over (partition by organization_id, identifier order by observed_at, naming) as previous,
    lag(at_once) over (partition by organization_id, identifier order by observed_at, naming) as previous_at_once
  from counted
),
changed as (
  select *
  from compared
  where previous is null or previous <> naming or at_once > 1 or previous_at_once > 1
)
select organization_id, identifier, user_name as linked_identifier, observed_at, user_tier as tier
from changed
where user_name <> identifier
union
select organization_id, identifier, email_name as linked_identifier, observed_at, email_tier as tier
from changed
where email_name <> identifier
union
select organization_id, identifier, claimed_name as linked_identifier, observed_at, 'claimed' as tier
from changed
where claimed_name <> identifier
