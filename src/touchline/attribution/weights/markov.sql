-- writes: weights
-- reads: paths, conversions, models, fits, fit_values
-- grain: one eligible touch of one conversion under one model
-- place: 6
-- says: A channel's credit follows from how many conversions would be lost without it, as the fit of the day found.
-- source: Anderl, Becker, von Wangenheim and Schumann (2016)
-- since: 0.1
-- needs: fit
with fitted as (
  select c.conversion_id as conversion_id, f.fit_id as fit_id
  from conversions as c
  join fits as f on f.organization_id = c.organization_id
  join models as m on m.organization_id = f.organization_id and m.model = f.kind
  where f.kind = 'MARKOV' and c.is_counted and c.conversion_date >= f.serves_from and c.conversion_date <= f.serves_until
),
channel_touches as (
  select conversion_id, channel, cast(count(*) as double) as touches
  from paths
  where is_eligible
  group by conversion_id, channel
),
removals as (
  select
    p.organization_id as organization_id,
    p.person_id as person_id,
    p.conversion_id as conversion_id,
    p.touchpoint_id as touchpoint_id,
    p.position as position,
    p.touchpoint_count as touchpoint_count,
    p.channel as channel,
    cast(floor(cast(1099511627776 as double) / nullif(n.touches, 0)) as bigint) as even_weight,
    cast(floor(
      cast(1099511627776 as double) * coalesce(v.value, cast(0 as double)) / nullif(n.touches, 0)
    ) as bigint) as fitted_weight
  from paths as p
  join fitted as f on f.conversion_id = p.conversion_id
  join channel_touches as n on n.conversion_id = p.conversion_id and n.channel = p.channel
  left join fit_values as v on v.fit_id = f.fit_id and v.site_id = '' and v.name = p.channel
    and v.statistic = 'removal_effect'
  where p.is_eligible
),
totals as (
  select conversion_id, cast(sum(fitted_weight) as bigint) as fitted_total
  from removals
  group by conversion_id
),
weighted as (
  select
    r.organization_id as organization_id, r.person_id as person_id, r.conversion_id as conversion_id,
    r.touchpoint_id as touchpoint_id, r.position as position, r.touchpoint_count as touchpoint_count,
    r.channel as channel,
    case when t.fitted_total = 0 then r.even_weight else r.fitted_weight end as weight
  from removals as r
  join totals as t on t.conversion_id = r.conversion_id
)
select
  organization_id, person_id, conversion_id, touchpoint_id, 'MARKOV' as model, position, touchpoint_count, channel,
  weight,
  cast(sum(weight) over (
    partition by conversion_id order by position rows between unbounded preceding and current row
  ) as bigint) as weight_until,
  cast(sum(weight) over (partition by conversion_id) as bigint) as weight_total
from weighted
