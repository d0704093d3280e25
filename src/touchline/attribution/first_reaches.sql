-- writes: first_reaches
-- reads: conversions, crowded_persons, goals, own_model_milestones
-- grain: one goal that one person reached and that a model of the organization gives weight to
-- When each person first reached a milestone; of crowded persons, who are many people, nothing is listed.
with weighed as (
  select distinct g.organization_id as organization_id, g.goal as goal
  from goals as g
  join own_model_milestones as m on m.organization_id = g.organization_id
    and (m.goal = g.goal or (m.goal = '' and g.is_milestone))
)
select
  c.organization_id as organization_id,
  c.person_id as person_id,
  c.goal as goal,
  min(c.occurred_at) as reached_at
from conversions as c
join weighed as w on w.organization_id = c.organization_id and w.goal = c.goal
left join crowded_persons as x on x.person_id = c.person_id
where c.is_counted and x.person_id is null
group by c.organization_id, c.person_id, c.goal
