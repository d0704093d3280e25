-- writes: weights
-- reads: paths, own_models, own_model_channels, own_model_milestones, conversions, first_reaches, goals
-- grain: one eligible touch of one conversion under one model
-- place: 20
-- says: What the rows of own_models give each touch, by its place, its age, or the milestones before the conversion.
-- source: the organization's own
-- since: 0.2
-- needs: rows
with factored as (
  select
    p.organization_id as organization_id, p.person_id as person_id, p.conversion_id as conversion_id,
    p.touchpoint_id as touchpoint_id, p.position as position, p.touchpoint_count as touchpoint_count,
    p.channel as channel, p.age_micros as age_micros, m.model as model, coalesce(c.percent, 100) as percent
  from paths as p
  join own_models as m on m.organization_id = p.organization_id
  left join own_model_channels as c on c.organization_id = m.organization_id and c.model = m.model
    and c.channel = p.channel
  where p.is_eligible
),
weighed as (
  select
    *,
    case when max(percent) over (partition by conversion_id, model) = 0 then 100 else percent end as factor
  from factored
),
placed as (
  select
    *,
    cast(sum(case when factor > 0 then 1 else 0 end) over (
      partition by conversion_id, model order by position rows between unbounded preceding and current row
    ) as bigint) as place,
    cast(sum(case when factor > 0 then 1 else 0 end) over (partition by conversion_id, model) as bigint) as places,
    min(case when factor > 0 then age_micros end) over (partition by conversion_id, model) as newest_age,
    max(case when factor > 0 then age_micros end) over (partition by conversion_id, model) as first_age
  from weighed
),
reached as (
  select
    c.conversion_id as conversion_id, m.model as model, r.goal as goal, m.weight as weight,
    micros_between(c.occurred_at, r.reached_at) as age_micros
  from conversions as c
  join first_reaches as r on r.person_id = c.person_id
  join goals as g on g.organization_id = r.organization_id and g.goal = r.goal
  join own_model_milestones as m on m.organization_id = c.organization_id
    and (m.goal = r.goal or (m.goal = '' and g.is_milestone))
  where c.is_counted and r.reached_at <= c.occurred_at
),
milestone_places as (
  select p.conversion_id as conversion_id, p.model as model, r.goal as goal, r.weight as weight, max(p.place) as place
  from placed as p
  join reached as r on r.conversion_id = p.conversion_id and r.model = p.model
  where p.factor > 0 and p.age_micros >= r.age_micros
  group by p.conversion_id, p.model, r.goal, r.weight
),
milestones as (
  select conversion_id, model, place, cast(sum(weight) as bigint) as weight
  from milestone_places
  group by conversion_id, model, place
),
ruled as (
  select
    p.organization_id as organization_id, p.person_id as person_id, p.conversion_id as conversion_id,
    p.touchpoint_id as touchpoint_id, p.position as position, p.touchpoint_count as touchpoint_count,
    p.channel as channel, p.model as model, p.factor as factor, p.place as place, p.places as places,
    p.age_micros - p.newest_age as micros_before_newest, p.first_age as first_age,
    m.between_weight as between_weight, m.half_life_micros as half_life_micros, m.fresh_micros as fresh_micros,
    case when p.place = p.places then m.last_weight end as of_last,
    case when p.place = 1 then m.first_weight end as of_first,
    case when p.place = p.places - 1 then m.next_to_last_weight end as of_next_to_last,
    case when p.places = 2 and p.place = 1 then m.two_first_weight when p.places = 2 then m.two_last_weight end
      as of_two,
    s.weight as of_milestones
  from placed as p
  join own_models as m on m.organization_id = p.organization_id and m.model = p.model
  left join milestones as s on s.conversion_id = p.conversion_id and s.model = p.model and s.place = p.place
),
named as (
  select
    *,
    coalesce(of_two, of_last, of_first, of_next_to_last) as of_place,
    cast(sum(
      case when factor > 0 and coalesce(of_two, of_last, of_first, of_next_to_last, of_milestones) is null then 1
        else 0 end
    ) over (partition by conversion_id, model) as bigint) as unnamed
  from ruled
),
shared as (
  select
    organization_id, person_id, conversion_id, touchpoint_id, position, touchpoint_count, channel, model, factor,
    cast(case
      when factor = 0 then 0
      when half_life_micros is not null then cast(floor(
        10995116277.76 * cast(factor as double)
        * power(cast(0.5 as double), cast(micros_before_newest as double) / nullif(half_life_micros, 0))
      ) as bigint)
      when fresh_micros is not null then
        case when place = case when first_age <= fresh_micros then 1 else places end then 1 else 0 end
      when coalesce(of_place, of_milestones) is null then between_weight * factor
      else (coalesce(of_place, 0) + coalesce(of_milestones, 0)) * case when unnamed = 0 then 1 else unnamed end * factor
    end as bigint) as given_weight
  from named
),
filled as (
  select
    *,
    case when sum(given_weight) over (partition by conversion_id, model) = 0 then factor else given_weight end as weight
  from shared
)
select
  organization_id, person_id, conversion_id, touchpoint_id, model, position, touchpoint_count, channel, weight,
  cast(sum(weight) over (
    partition by conversion_id, model order by position rows between unbounded preceding and current row
  ) as bigint) as weight_until,
  cast(sum(weight) over (partition by conversion_id, model) as bigint) as weight_total
from filled
