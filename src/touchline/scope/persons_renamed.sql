-- writes: scope_persons_renamed
-- reads: touchpoints, scope_names, scope_persons
-- grain: one person outside the scope
-- The persons of whom nothing changed, but a touch says an id or a name that did.
with sayings as (
  select organization_id, person_id, lower(campaign_ref) as said from touchpoints
  union all
  select organization_id, person_id, lower(utm_campaign) as said from touchpoints
  union all
  select organization_id, person_id, lower(coalesce(adset_ref, utm_term)) as said from touchpoints
  union all
  select organization_id, person_id, lower(coalesce(ad_ref, utm_content)) as said from touchpoints
)
select distinct s.person_id as person_id
from sayings as s
join scope_names as n on n.organization_id = s.organization_id and n.said = s.said
where s.person_id not in (select person_id from scope_persons)
