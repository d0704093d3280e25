-- reads: conversions, paths, identities, conversion_accounts
-- includes: touches_of_owner
-- grain: everything
-- What decides why one conversion has no touch with credit, or Direct ones alone, and the account that owns its path.
with kept as (
  select count(*) as touches, max(case when channel = 'Direct' then 0 else 1 end) as has_source
  from paths
  where organization_id = $organization_id and conversion_id = $conversion_id
),
theirs as (
  select
    count(*) as touches,
    max(case when counted_at <= converted_at then 1 else 0 end) as has_earlier
  from touches_of_owner
),
names as (
  select
    max(case when identifier like 'e:%' then 0 else 1 end) as is_known,
    max(case when identifier like 'v:%' then 1 else 0 end) as has_visitor
  from identities
  where organization_id = $organization_id and person_id = $person_id
)
select
  c.status as status, c.is_counted as is_counted,
  case when c.path_owner = 'account' then a.account_id end as account_id,
  case when k.touches > 0 then 1 else 0 end as has_path,
  coalesce(k.has_source, 0) as has_source,
  coalesce(t.has_earlier, 0) as has_earlier,
  case when t.touches > 0 then 1 else 0 end as has_touch,
  coalesce(n.is_known, 0) as is_known,
  coalesce(n.has_visitor, 0) as has_visitor
from conversions as c
cross join kept as k
cross join theirs as t
cross join names as n
left join conversion_accounts as a on a.conversion_id = c.conversion_id
where c.organization_id = $organization_id and c.conversion_id = $conversion_id
