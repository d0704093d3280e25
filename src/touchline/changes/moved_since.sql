-- reads: moved_conversions, conversions
-- grain: one conversion that a run gave other links, and channel
-- What is listed of the newest runs, of conversions that still stand.
select
  m.started_at as started_at, m.organization_id as organization_id, m.conversion_id as conversion_id,
  m.reason as reason, m.channel as channel, m.credit_before as credit_before, m.credit_after as credit_after
from moved_conversions as m
join (select distinct conversion_id from conversions) as c on c.conversion_id = m.conversion_id
where m.started_at >= $since
order by m.started_at desc, m.organization_id, m.conversion_id, m.channel
