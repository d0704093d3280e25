-- writes: account_members
-- reads: tracking_events, identity_claims, identities, merged_accounts, blocked_identifiers
-- grain: one person who acts for one account
-- A person acts for an account that their events name, or that a claim names. If a person acts for exactly one account, it is their only one; if any membership is verified, only verified ones count.
with named as (
  select
    e.organization_id as organization_id, e.account_id as account_id, i.person_id as person_id,
    e.occurred_at as occurred_at, 1 as is_event, case when e.is_verified then 1 else 0 end as is_proof
  from tracking_events as e
  join identities as i on i.organization_id = e.organization_id and i.identifier = e.identifier
  where e.account_id is not null
    and (i.valid_from is null or e.occurred_at >= i.valid_from)
    and (i.valid_until is null or e.occurred_at < i.valid_until)
  union all
  select
    c.organization_id as organization_id, substr(c.linked_identifier, 3) as account_id, i.person_id as person_id,
    c.claimed_at as occurred_at, 0 as is_event, 1 as is_proof
  from identity_claims as c
  join identities as i on i.organization_id = c.organization_id and i.identifier = c.identifier
  where c.linked_identifier like 'a:%' and c.source <> 'separated'
    and (i.valid_from is null or c.claimed_at >= i.valid_from)
    and (i.valid_until is null or c.claimed_at < i.valid_until)
),
members as (
  select
    n.organization_id as organization_id,
    coalesce(m.main_account_id, n.account_id) as account_id,
    n.person_id as person_id,
    min(n.occurred_at) as first_seen_at,
    sum(n.is_event) as event_count,
    sum(1 - n.is_event) as claim_count,
    max(n.is_proof) as is_proof
  from named as n
  left join merged_accounts as m on m.organization_id = n.organization_id and m.account_id = n.account_id
  left join blocked_identifiers as b on b.named_value = lower(trim(n.account_id))
  where b.named_value is null
  group by 1, 2, 3
),
compared as (
  select
    *,
    count(*) over (partition by person_id) as account_count,
    sum(is_proof) over (partition by person_id) as proven_count
  from members
)
select
  organization_id, account_id, person_id, first_seen_at,
  cast(event_count as bigint) as event_count,
  cast(claim_count as bigint) as claim_count,
  is_proof = 1 as is_verified,
  case when proven_count > 0 then is_proof = 1 and proven_count = 1 else account_count = 1 end as is_only
from compared
