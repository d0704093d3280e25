-- reads:
-- includes: changed_links
-- grain: one reason and channel of an organization
-- How many conversions have other links than before, and the credit that they gave each channel.
with of_channels as (
  select
    organization_id, reason, conversion_id, channel_old as channel, credit_old as credit_before, 0 as credit_after
  from changed_links
  where has_old = 1
  union all
  select
    organization_id, reason, conversion_id, channel_new as channel, 0 as credit_before, credit_new as credit_after
  from changed_links
  where has_new = 1
)
select
  organization_id, reason, channel, 0 as conversions,
  cast(sum(credit_before) as bigint) as credit_before, cast(sum(credit_after) as bigint) as credit_after
from of_channels
group by organization_id, reason, channel
having sum(credit_before) > 0 or sum(credit_after) > 0
union all
select
  organization_id, reason, '(all)' as channel, count(distinct conversion_id) as conversions,
  cast(sum(credit_before) as bigint) as credit_before, cast(sum(credit_after) as bigint) as credit_after
from of_channels
group by organization_id, reason
