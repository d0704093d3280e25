-- writes: scope_touches_renamed
-- reads: touchpoints, scope_names
-- grain: one touch, and its person
-- The touches that carry an id or a name that was added, removed, or reassigned.
with sayings as (
  select organization_id, person_id, touchpoint_id, lower(campaign_ref) as said from touchpoints
  union all
  select organization_id, person_id, touchpoint_id, lower(utm_campaign) as said from touchpoints
  union all
  select organization_id, person_id, touchpoint_id, lower(coalesce(adset_ref, utm_term)) as said from touchpoints
  union all
  select organization_id, person_id, touchpoint_id, lower(coalesce(ad_ref, utm_content)) as said from touchpoints
)
select distinct s.touchpoint_id as touchpoint_id, s.person_id as person_id
from sayings as s
join scope_names as n on n.organization_id = s.organization_id and n.said = s.said
