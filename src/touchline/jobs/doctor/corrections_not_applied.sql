-- reads: corrections
-- grain: one organization, and reason for which refunds and cancellations are not applied
-- How many refunds and cancellations change no order, by reason, with the newest of them.
with ranked as (
  select
    organization_id, reason, site_id, order_id,
    row_number() over (partition by organization_id, reason order by occurred_at desc, site_id, event_id) as newness
  from corrections
  where not is_applied
)
select
  organization_id, reason, count(*) as corrections, max(case when newness = 1 then order_id end) as newest_order
from ranked
group by organization_id, reason
order by organization_id, reason
