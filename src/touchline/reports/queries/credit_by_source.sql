-- reads: attribution_links, conversions, touchpoints, evidence_channels
-- grain: one channel and source class under one model
-- Credit and value of the window by where the touch came from; without a touch both names are empty.
with booked as (
  select
    l.channel as channel,
    coalesce(e.source_class, '') as source_class,
    l.model as model,
    l.credit as credit,
    l.value_micros as value_micros,
    case when $basis = 'TOUCH' then coalesce(t.touch_date, c.conversion_date) else c.conversion_date end as booked_date
  from attribution_links as l
  join conversions as c on c.conversion_id = l.conversion_id
  left join touchpoints as t on t.touchpoint_id = l.touchpoint_id
  left join evidence_channels as e on e.evidence_id = t.evidence_id
  where l.organization_id = $organization_id and c.currency = $currency and ($goal = '' or c.goal = $goal)
    and ($site_id = '' or c.site_id = $site_id)
)
select
  channel, source_class, model,
  cast(sum(credit) as bigint) as credit,
  total(value_micros) as value_micros
from booked
where booked_date >= $start and booked_date <= $end
group by channel, source_class, model
