-- reads: conversions, session_events, source_hits, touchpoints, tracking_events, sites, conversion_accounts, account_persons, merged_accounts
-- grain: one visit whose source has no credit
-- What the visits of a path's owner showed in the lookback before a conversion and is no touch, the newest first, and how much there is of it: the person's, or where the account owns the path its members' that were not for another account.
with owned as (
  select
    c.organization_id as organization_id, c.site_id as site_id, c.person_id as person_id, c.occurred_at as occurred_at,
    case when c.path_owner = 'account' then a.account_id end as account_id
  from conversions as c
  left join conversion_accounts as a on a.conversion_id = c.conversion_id
  where c.organization_id = $organization_id and c.person_id = $person_id and c.conversion_id = $conversion_id
),
owners as (
  select organization_id, site_id, occurred_at, account_id, person_id
  from owned
  where account_id is null
  union all
  select
    o.organization_id as organization_id, o.site_id as site_id, o.occurred_at as occurred_at,
    o.account_id as account_id, m.person_id as person_id
  from owned as o
  join account_persons as m on m.organization_id = o.organization_id and m.account_id = o.account_id
  where m.is_believed
)
select
  v.person_id as person_id, v.event_id as event_id, v.occurred_at as occurred_at,
  local_time(v.occurred_at, s.time_zone) as local_time,
  e.url as url, e.referrer_host as referrer, coalesce(h.outcome, v.uncredited_because) as reason,
  count(*) over () as how_many
from owners as o
join session_events as v on v.organization_id = o.organization_id and v.person_id = o.person_id
join tracking_events as e on e.site_id = v.site_id and e.event_id = v.event_id
join sites as s on s.site_id = o.site_id
left join source_hits as h on h.person_id = v.person_id and h.site_id = v.site_id and h.event_id = v.event_id
  and h.outcome = 'weaker_source'
left join touchpoints as t on t.person_id = v.person_id and t.touchpoint_id = v.site_id || ':' || v.event_id
left join merged_accounts as g on g.organization_id = e.organization_id and g.account_id = e.account_id
where (v.uncredited_because is not null or h.outcome is not null) and t.touchpoint_id is null
  and micros(o.occurred_at) - micros(v.occurred_at) between 0 and $lookback_micros
  and (o.account_id is null or coalesce(g.main_account_id, e.account_id, o.account_id) = o.account_id)
order by v.occurred_at desc, v.event_id
limit 100
