-- reads: conversions, paths, touchpoints, identities, conversion_accounts, account_persons, merged_accounts
-- grain: one combination of what decides why conversions have no touch with credit
-- How many conversions there are of each combination, the newest of them, and how near the nearest touch before one lies; touches are those of the path's owner, a person or an account.
with kept as (
  select conversion_id, count(*) as touches, max(case when channel = 'Direct' then 0 else 1 end) as has_source
  from paths as p
  where p.organization_id = $organization_id
  group by conversion_id
),
known as (
  select
    person_id,
    max(case when identifier like 'e:%' then 0 else 1 end) as is_known,
    max(case when identifier like 'v:%' then 1 else 0 end) as has_visitor
  from identities as i
  where i.organization_id = $organization_id
  group by person_id
),
owned as (
  select
    c.conversion_id as conversion_id, c.person_id as person_id, c.occurred_at as occurred_at,
    case when c.path_owner = 'account' then a.account_id end as account_id,
    case when c.path_owner = 'account' and a.account_id is not null then 'a:' || a.account_id
      else 'p:' || cast(c.person_id as varchar) end as owner_id
  from conversions as c
  left join conversion_accounts as a on a.conversion_id = c.conversion_id
  where c.organization_id = $organization_id
),
persons as (
  select distinct person_id, owner_id
  from owned
  where account_id is null
),
accounts as (
  select distinct account_id, owner_id
  from owned
  where account_id is not null
),
moments as (
  select owner_id, conversion_id, occurred_at as at, 1 as turn
  from owned
  union all
  select p.owner_id as owner_id, null as conversion_id, t.counted_at as at, 0 as turn
  from persons as p
  join touchpoints as t on t.person_id = p.person_id
  where t.organization_id = $organization_id
  union all
  select a.owner_id as owner_id, null as conversion_id, t.counted_at as at, 0 as turn
  from accounts as a
  join account_persons as m on m.account_id = a.account_id
  join touchpoints as t on t.person_id = m.person_id
  left join merged_accounts as g on g.organization_id = t.organization_id and g.account_id = t.account_id
  where m.organization_id = $organization_id and m.is_believed
    and coalesce(g.main_account_id, t.account_id, a.account_id) = a.account_id
),
running as (
  select
    conversion_id, turn, at,
    sum(1 - turn) over (partition by owner_id) as touches,
    max(case when turn = 0 then at end) over (
      partition by owner_id order by at, turn rows between unbounded preceding and current row
    ) as latest_at
  from moments
),
seen as (
  select conversion_id, touches, micros_between(at, latest_at) as nearest_micros
  from running
  where turn = 1
),
facts as (
  select
    c.conversion_id as conversion_id,
    c.occurred_at as occurred_at,
    c.status as status,
    c.is_counted as is_counted,
    case when p.touches > 0 then 1 else 0 end as has_path,
    coalesce(p.has_source, 0) as has_source,
    case when s.nearest_micros is not null then 1 else 0 end as has_earlier,
    case when s.touches > 0 then 1 else 0 end as has_touch,
    k.is_known as is_known,
    k.has_visitor as has_visitor,
    s.nearest_micros as nearest_micros
  from conversions as c
  join seen as s on s.conversion_id = c.conversion_id
  join known as k on k.person_id = c.person_id
  left join kept as p on p.conversion_id = c.conversion_id
),
ranked as (
  select
    *,
    row_number() over (
      partition by
        status, is_counted, has_path, has_source, has_earlier, has_touch, is_known, has_visitor
      order by occurred_at desc, conversion_id
    ) as newness
  from facts
)
select
  status, is_counted, has_path, has_source, has_earlier, has_touch, is_known, has_visitor,
  count(*) as conversions, min(nearest_micros) as nearest_micros,
  max(case when newness = 1 then conversion_id end) as newest,
  max(occurred_at) as newest_at
from ranked
group by status, is_counted, has_path, has_source, has_earlier, has_touch, is_known, has_visitor
order by status, is_counted, has_path, has_source, has_earlier, has_touch, is_known, has_visitor
