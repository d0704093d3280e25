-- reads: made_attribution_links, attribution_links_before, conversions_of_scope, conversions_of_scope_before, touchpoints_of_scope, touchpoints_of_scope_before, organizations
-- grain: one touch of a conversion with other links than before
-- What a run changed in the links of the conversions that it made again, and why, with credit under the default model.
with links as (
  select organization_id, person_id, conversion_id, touchpoint_id, model, channel, credit, value_micros, 1 as is_new
  from made_attribution_links
  union all
  select organization_id, person_id, conversion_id, touchpoint_id, model, channel, credit, value_micros, 0 as is_new
  from attribution_links_before
),
paired as (
  select
    organization_id, conversion_id, touchpoint_id, model,
    max(is_new) as has_new, max(1 - is_new) as has_old,
    max(case when is_new = 1 then person_id end) as person_new,
    max(case when is_new = 0 then person_id end) as person_old,
    max(case when is_new = 1 then channel end) as channel_new,
    max(case when is_new = 0 then channel end) as channel_old,
    coalesce(max(case when is_new = 1 then credit end), 0) as credit_new,
    coalesce(max(case when is_new = 0 then credit end), 0) as credit_old,
    coalesce(max(case when is_new = 1 then value_micros end), 0) as value_new,
    coalesce(max(case when is_new = 0 then value_micros end), 0) as value_old
  from links
  group by organization_id, conversion_id, touchpoint_id, model
),
touched as (
  select
    p.*,
    case when p.has_old = 0 and p.touchpoint_id <> '' then 1 else 0 end as is_gained,
    case when p.has_new = 0 and p.touchpoint_id <> '' then 1 else 0 end as is_lost,
    case when n.touchpoint_id is null then 0 else 1 end as is_there,
    case when b.touchpoint_id is null then 0 else 1 end as was_there
  from paired as p
  left join (select distinct touchpoint_id from touchpoints_of_scope) as n on n.touchpoint_id = p.touchpoint_id
  left join (select distinct touchpoint_id from touchpoints_of_scope_before) as b on b.touchpoint_id = p.touchpoint_id
),
compared as (
  select
    conversion_id, max(has_new) as has_new, max(has_old) as has_old,
    max(person_new) as person_new, max(person_old) as person_old,
    max(is_gained) as has_gained, max(is_lost) as has_lost,
    max(case when (is_gained = 1 and was_there = 1) or (is_lost = 1 and is_there = 1) then 1 else 0 end) as has_moved,
    max(case when has_new = 1 and has_old = 1 and channel_new <> channel_old then 1 else 0 end) as has_renamed,
    max(case when credit_new <> credit_old then 1 else 0 end) as has_weighed,
    sum(value_new) - sum(value_old) as value_change
  from touched
  group by conversion_id
),
explained as (
  select
    c.conversion_id as conversion_id,
    case
      when c.has_old = 0 then case when b.conversion_id is null then 'new' else 'restated' end
      when c.has_new = 0 then case when n.conversion_id is null then 'erased' else 'restated' end
      when c.person_new <> c.person_old or c.has_moved = 1 then 'persons'
      when c.has_gained = 1 then 'late_events'
      when c.has_lost = 1 then 'erased'
      when c.value_change <> 0 then 'restated'
      when c.has_renamed = 1 or c.has_weighed = 1 then 'evidence'
    end as reason
  from compared as c
  left join (select distinct conversion_id from conversions_of_scope) as n on n.conversion_id = c.conversion_id
  left join (select distinct conversion_id from conversions_of_scope_before) as b on b.conversion_id = c.conversion_id
)
select
  p.organization_id as organization_id, p.conversion_id as conversion_id, e.reason as reason,
  p.has_new as has_new, p.has_old as has_old, p.channel_new as channel_new, p.channel_old as channel_old,
  p.credit_new as credit_new, p.credit_old as credit_old
from paired as p
join explained as e on e.conversion_id = p.conversion_id
join organizations as o on o.organization_id = p.organization_id and o.default_model = p.model
where e.reason is not null
