-- writes: scope_conversions_renamed
-- reads: touchpoints, attribution_links, scope_names, scope_conversions
-- grain: one otherwise unchanged conversion, and its person
-- One of its credited touches carries an id or a name that was added, removed, or reassigned.
with sayings as (
  select organization_id, touchpoint_id, lower(campaign_ref) as said from touchpoints
  union all
  select organization_id, touchpoint_id, lower(utm_campaign) as said from touchpoints
  union all
  select organization_id, touchpoint_id, lower(coalesce(adset_ref, utm_term)) as said from touchpoints
  union all
  select organization_id, touchpoint_id, lower(coalesce(ad_ref, utm_content)) as said from touchpoints
),
renamed as (
  select distinct s.touchpoint_id as touchpoint_id
  from sayings as s
  join scope_names as n on n.organization_id = s.organization_id and n.said = s.said
)
select distinct l.conversion_id as conversion_id, l.person_id as person_id
from attribution_links as l
join renamed as r on r.touchpoint_id = l.touchpoint_id
where l.conversion_id not in (select conversion_id from scope_conversions)
