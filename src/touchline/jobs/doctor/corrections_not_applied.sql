-- reads: corrections
-- grain: one reason for which refunds and cancellations are not applied
-- How many refunds and cancellations change no order, by reason, with the newest of them.
with ranked as (
  select
    reason, order_id,
    row_number() over (partition by reason order by occurred_at desc, site_id, event_id) as newness
  from corrections
  where organization_id = $organization_id and not is_applied
)
select
  reason, count(*) as corrections, max(case when newness = 1 then order_id end) as newest_order
from ranked
group by reason
order by reason
