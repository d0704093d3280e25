-- reads:
-- includes: changed_links
-- grain: one conversion of an organization and channel
-- The conversions with other links than before, those of an organization first whose credit moved most; new ones have no other links.
with of_channels as (
  select
    organization_id, reason, conversion_id, channel_old as channel, credit_old as credit_before, 0 as credit_after
  from changed_links
  where has_old = 1 and reason <> 'new'
  union all
  select
    organization_id, reason, conversion_id, channel_new as channel, 0 as credit_before, credit_new as credit_after
  from changed_links
  where has_new = 1 and reason <> 'new'
),
channels as (
  select
    organization_id, reason, conversion_id, channel,
    cast(sum(credit_before) as bigint) as credit_before, cast(sum(credit_after) as bigint) as credit_after
  from of_channels
  group by organization_id, reason, conversion_id, channel
),
moved as (
  select organization_id, conversion_id, sum(abs(credit_after - credit_before)) as credit_moved
  from channels
  group by organization_id, conversion_id
),
ranked as (
  select
    organization_id, conversion_id,
    row_number() over (partition by organization_id order by credit_moved desc, conversion_id) as place
  from moved
)
select
  c.organization_id as organization_id, c.conversion_id as conversion_id, c.reason as reason, c.channel as channel,
  c.credit_before as credit_before, c.credit_after as credit_after
from channels as c
join ranked as r on r.organization_id = c.organization_id and r.conversion_id = c.conversion_id
where r.place <= $most and (c.credit_before > 0 or c.credit_after > 0)
order by c.organization_id, r.place, c.channel
