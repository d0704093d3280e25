-- writes: evidence_channels
-- reads: touchpoints
-- grain: one distinct evidence
-- What the ladder needs to know of a touch, once for all the touches that show the same.
select
  evidence_id,
  min(utm_source) as utm_source,
  min(utm_medium) as utm_medium,
  min(lower(utm_campaign)) as utm_campaign,
  min(click_id_names) as click_id_names,
  min(referrer_host) as referrer_host,
  min(app) as app,
  max(case when has_past_click then 1 else 0 end) = 1 as has_past_click
from touchpoints
group by evidence_id
