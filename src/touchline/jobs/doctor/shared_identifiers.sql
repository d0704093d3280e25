-- reads: identity_edges
-- grain: one identifier that verified events or claims tie to more others than one person has
-- User ids of very many browsers, and browsers of very many users, the largest first; values that name nobody join nobody anyway, and what was separated is corrected.
with linked as (
  select identifier as name, linked_identifier as other
  from identity_edges as e
  where e.organization_id = $organization_id and e.is_verified and e.reason not in ('blocked_value', 'separated')
  union all
  select linked_identifier as name, identifier as other
  from identity_edges as f
  where f.organization_id = $organization_id and f.is_verified and f.reason not in ('blocked_value', 'separated')
),
counted as (
  select
    name as identifier,
    cast(sum(case when other like 'u:%' then 1 else 0 end) as bigint) as users,
    cast(sum(case when other like 'm:%' then 1 else 0 end) as bigint) as emails,
    cast(sum(case when other like 'v:%' then 1 else 0 end) as bigint) as visitors
  from linked
  group by name
)
select identifier, users, emails, visitors, count(*) over () as how_many
from counted
where users > 100 or emails > 100 or visitors > 1000
order by users + emails + visitors desc, identifier
limit 3
