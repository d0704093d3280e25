-- writes: attribution_links
-- reads: paths, conversions, models, no_touchpoint, fits, fit_values
-- grain: one eligible touch of one conversion under one model, or one conversion without a touch under one model
-- A touch's credit is what it adds to the running share of the path, rounded cumulatively, so that a path adds up to one conversion.
with eligible as (
  select
    p.organization_id as organization_id,
    p.person_id as person_id,
    p.conversion_id as conversion_id,
    p.touchpoint_id as touchpoint_id,
    p.position as position,
    p.touchpoint_count as touchpoint_count,
    p.channel as channel,
    c.value_micros as value_micros,
    p.decay as decay,
    p.decay_until as decay_until
  from paths as p
  join conversions as c on c.conversion_id = p.conversion_id
  where p.is_eligible
),
decay_totals as (
  select conversion_id, cast(sum(decay) as bigint) as decay_total
  from eligible
  group by conversion_id
),
fitted as (
  select c.conversion_id as conversion_id, f.kind as model, f.fit_id as fit_id
  from conversions as c
  join fits as f on f.organization_id = c.organization_id
  join models as m on m.organization_id = f.organization_id and m.model = f.kind
  where c.is_counted and c.conversion_date >= f.serves_from and c.conversion_date <= f.serves_until
),
channel_touches as (
  select conversion_id, channel, cast(count(*) as double) as touches
  from eligible
  group by conversion_id, channel
),
removals as (
  select
    e.conversion_id as conversion_id,
    e.touchpoint_id as touchpoint_id,
    cast(floor(cast(1099511627776 as double) / nullif(n.touches, 0)) as bigint) as even_weight,
    cast(floor(
      cast(1099511627776 as double) * coalesce(v.value, cast(0 as double)) / nullif(n.touches, 0)
    ) as bigint) as fitted_weight
  from eligible as e
  join fitted as f on f.conversion_id = e.conversion_id and f.model = 'MARKOV'
  join channel_touches as n on n.conversion_id = e.conversion_id and n.channel = e.channel
  left join fit_values as v on v.fit_id = f.fit_id and v.site_id = '' and v.name = e.channel
    and v.statistic = 'removal_effect'
),
removal_totals as (
  select
    conversion_id,
    cast(sum(even_weight) as bigint) as even_total,
    cast(sum(fitted_weight) as bigint) as fitted_total
  from removals
  group by conversion_id
),
removal_shares as (
  select
    r.conversion_id as conversion_id,
    r.touchpoint_id as touchpoint_id,
    case when t.fitted_total = 0 then r.even_weight else r.fitted_weight end as removal,
    case when t.fitted_total = 0 then t.even_total else t.fitted_total end as removal_total
  from removals as r
  join removal_totals as t on t.conversion_id = r.conversion_id
),
removal_sums as (
  select
    e.conversion_id as conversion_id,
    e.touchpoint_id as touchpoint_id,
    r.removal as removal,
    r.removal_total as removal_total,
    cast(sum(r.removal) over (
      partition by e.conversion_id order by e.position rows between unbounded preceding and current row
    ) as bigint) as removal_until
  from eligible as e
  join removal_shares as r on r.conversion_id = e.conversion_id and r.touchpoint_id = e.touchpoint_id
),
shares as (
  select
    e.*, 'FIRST_TOUCH' as model,
    case when e.position = 1 then 0 else 1 end as share_before,
    1 as share_until,
    1 as share_total
  from eligible as e
  union all
  select
    e.*, 'LAST_TOUCH' as model,
    0 as share_before,
    case when e.position = e.touchpoint_count then 1 else 0 end as share_until,
    1 as share_total
  from eligible as e
  union all
  select
    e.*, 'LINEAR' as model,
    e.position - 1 as share_before,
    e.position as share_until,
    e.touchpoint_count as share_total
  from eligible as e
  union all
  select
    e.organization_id as organization_id, e.person_id as person_id, e.conversion_id as conversion_id,
    e.touchpoint_id as touchpoint_id, e.position as position, e.touchpoint_count as touchpoint_count,
    e.channel as channel, e.value_micros as value_micros, e.decay as decay, e.decay_until as decay_until,
    'TIME_DECAY' as model,
    e.decay_until - e.decay as share_before,
    e.decay_until as share_until,
    t.decay_total as share_total
  from eligible as e
  join decay_totals as t on t.conversion_id = e.conversion_id
  union all
  select
    e.*, 'POSITION_BASED' as model,
    case
      when e.touchpoint_count <= 2 then e.position - 1
      when e.position = 1 then 0
      else 2 * (e.touchpoint_count - 2) + e.position - 2
    end as share_before,
    case
      when e.touchpoint_count <= 2 then e.position
      when e.position = e.touchpoint_count then 5 * (e.touchpoint_count - 2)
      else 2 * (e.touchpoint_count - 2) + e.position - 1
    end as share_until,
    case when e.touchpoint_count <= 2 then e.touchpoint_count else 5 * (e.touchpoint_count - 2) end as share_total
  from eligible as e
  union all
  select
    e.organization_id as organization_id, e.person_id as person_id, e.conversion_id as conversion_id,
    e.touchpoint_id as touchpoint_id, e.position as position, e.touchpoint_count as touchpoint_count,
    e.channel as channel, e.value_micros as value_micros, e.decay as decay, e.decay_until as decay_until,
    'MARKOV' as model,
    r.removal_until - r.removal as share_before,
    r.removal_until as share_until,
    r.removal_total as share_total
  from eligible as e
  join removal_sums as r on r.conversion_id = e.conversion_id and r.touchpoint_id = e.touchpoint_id
),
credited as (
  select
    s.organization_id as organization_id,
    s.person_id as person_id,
    s.conversion_id as conversion_id,
    s.touchpoint_id as touchpoint_id,
    s.model as model,
    s.position as position,
    s.touchpoint_count as touchpoint_count,
    s.channel as channel,
    cast(floor(cast(1e9 as double) * s.share_until / nullif(s.share_total, 0) + 0.5) as bigint)
      - cast(floor(cast(1e9 as double) * s.share_before / nullif(s.share_total, 0) + 0.5) as bigint) as credit,
    case
      when s.share_until = s.share_total then s.value_micros
      else cast(floor(cast(s.value_micros as double) * s.share_until / nullif(s.share_total, 0) + 0.5) as bigint)
    end
      - case
        when s.share_before = s.share_total then s.value_micros
        else cast(floor(cast(s.value_micros as double) * s.share_before / nullif(s.share_total, 0) + 0.5) as bigint)
      end as value_micros
  from shares as s
  join models as m on m.organization_id = s.organization_id and m.model = s.model
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
  left join decay_totals as p on p.conversion_id = c.conversion_id
  join models as m on m.organization_id = c.organization_id
  cross join no_touchpoint as n
  where c.is_counted and p.conversion_id is null
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
