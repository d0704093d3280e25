-- writes: identities
-- reads: identifiers, components, parts, identity_edges
-- grain: one identifier of one organization in one period
-- Every identifier belongs to the person named after the identifier that was seen first of those that hang together; a device that several people use, to each in their own time. Its tier is the best of the pairs that join it to others.
with tied as (
  select organization_id, identifier, tier from identity_edges where not is_refused
  union all
  select organization_id, linked_identifier as identifier, tier from identity_edges where not is_refused
),
tiers as (
  select
    organization_id, identifier,
    min(
      case tier
        when 'strong_id' then 0 when 'email_validated' then 1 when 'claimed' then 2 when 'single_candidate' then 3
        when 'email_unvalidated' then 4 else 5
      end
    ) as place -- in touchline.identity.tiers
  from tied
  group by organization_id, identifier
),
placed as (
  select
    n.organization_id as organization_id,
    n.identifier as identifier,
    coalesce(p.period_number, 0) as period_number,
    p.valid_from as valid_from,
    p.valid_until as valid_until,
    case when p.period_number > 0 then p.valid_from else n.first_seen_at end as first_seen_at,
    coalesce(p.part, c.component, n.identifier) as part,
    case t.place
      when 0 then 'strong_id' when 1 then 'email_validated' when 2 then 'claimed' when 3 then 'single_candidate'
      when 4 then 'email_unvalidated' when 5 then 'claimed_by_browser' else 'unresolved'
    end as tier
  from identifiers as n
  left join components as c on c.organization_id = n.organization_id and c.identifier = n.identifier
  left join parts as p on p.organization_id = n.organization_id and p.identifier = n.identifier
  left join tiers as t on t.organization_id = n.organization_id and t.identifier = n.identifier
),
ranked as (
  select
    *,
    row_number() over (
      partition by organization_id, part
      order by case when period_number = 0 then 0 else 1 end, first_seen_at, identifier, period_number
    ) as seniority
  from placed
),
persons as (
  select
    organization_id, part,
    md5(
      organization_id || ' ' || identifier
      || case when period_number = 0 then '' else ' ' || cast(period_number as varchar) end
    ) as person_id
  from ranked
  where seniority = 1
)
select
  p.organization_id as organization_id,
  p.identifier as identifier,
  o.person_id as person_id,
  p.period_number as period_number,
  p.valid_from as valid_from,
  p.valid_until as valid_until,
  p.first_seen_at as first_seen_at,
  p.tier as tier
from placed as p
join persons as o on o.organization_id = p.organization_id and o.part = p.part
