-- writes: attribution_links
-- reads: weights, paths, conversions, models, no_touchpoint, fits
-- grain: one eligible touch of one conversion under one model, or one conversion without a touch under one model
-- A touch's credit is what it adds to the running share of the path, rounded cumulatively, so that a path adds up to one conversion.
with shares as (
  select
    w.organization_id as organization_id,
    w.person_id as person_id,
    w.conversion_id as conversion_id,
    w.touchpoint_id as touchpoint_id,
    w.model as model,
    w.position as position,
    w.touchpoint_count as touchpoint_count,
    w.channel as channel,
    c.value_micros as value_micros,
    case when w.weight_total = 0 then w.position - 1 else w.weight_until - w.weight end as share_before,
    case when w.weight_total = 0 then w.position else w.weight_until end as share_until,
    case when w.weight_total = 0 then w.touchpoint_count else w.weight_total end as share_total
  from weights as w
  join models as m on m.organization_id = w.organization_id and m.model = w.model
  join conversions as c on c.conversion_id = w.conversion_id
),
credited as (
  select
    organization_id, person_id, conversion_id, touchpoint_id, model, position, touchpoint_count, channel,
    cast(floor(cast(1e9 as double) * share_until / nullif(share_total, 0) + 0.5) as bigint)
      - cast(floor(cast(1e9 as double) * share_before / nullif(share_total, 0) + 0.5) as bigint) as credit,
    case
      when share_until = share_total then value_micros
      else cast(floor(cast(value_micros as double) * share_until / nullif(share_total, 0) + 0.5) as bigint)
    end
      - case
        when share_before = share_total then value_micros
        else cast(floor(cast(value_micros as double) * share_before / nullif(share_total, 0) + 0.5) as bigint)
      end as value_micros
  from shares
),
touched as (
  select distinct conversion_id
  from paths
  where is_eligible
),
unattributed as (
  select
    c.organization_id as organization_id,
    c.person_id as person_id,
    c.conversion_id as conversion_id,
    n.touchpoint_id as touchpoint_id,
    m.model as model,
    0 as position,
    0 as touchpoint_count,
    n.channel as channel,
    1000000000 as credit,
    c.value_micros as value_micros
  from conversions as c
  left join touched as t on t.conversion_id = c.conversion_id
  join models as m on m.organization_id = c.organization_id
  cross join no_touchpoint as n
  where c.is_counted and t.conversion_id is null
),
fitted as (
  select c.conversion_id as conversion_id, f.kind as model, f.fit_id as fit_id
  from conversions as c
  join fits as f on f.organization_id = c.organization_id
  join models as m on m.organization_id = f.organization_id and m.model = f.kind
  where c.is_counted and c.conversion_date >= f.serves_from and c.conversion_date <= f.serves_until
)
select
  l.organization_id as organization_id,
  l.person_id as person_id,
  l.conversion_id as conversion_id,
  l.touchpoint_id as touchpoint_id,
  l.model as model,
  l.position as position,
  l.touchpoint_count as touchpoint_count,
  l.channel as channel,
  l.credit as credit,
  l.credit / cast(1e9 as double) as weight,
  l.value_micros as value_micros,
  coalesce(f.fit_id, '') as fit_id
from (select * from credited union all select * from unattributed) as l
left join fitted as f on f.conversion_id = l.conversion_id and f.model = l.model
