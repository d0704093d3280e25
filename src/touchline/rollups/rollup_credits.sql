-- writes: rollup_credits
-- reads: attribution_links, conversions, placed_touches
-- grain: one site, conversion day, touch day, channel, ad, goal, currency and model
-- Credit by the channel and by the ad of its touch.
select
  l.organization_id as organization_id,
  c.site_id as site_id,
  c.conversion_date as conversion_date,
  coalesce(t.touch_date, c.conversion_date) as touch_date,
  case when l.touchpoint_id = '' then 1 else 0 end as is_unattributed,
  l.channel as channel,
  coalesce(t.platform, '') as platform,
  coalesce(t.campaign_id, '') as campaign_id,
  coalesce(t.adset_id, '') as adset_id,
  coalesce(t.ad_id, '') as ad_id,
  c.goal as goal,
  c.currency as currency,
  l.model as model,
  cast(sum(l.credit) as bigint) as credit,
  total(l.value_micros) as value_micros,
  count(*) as source_count
from attribution_links as l
join conversions as c on c.conversion_id = l.conversion_id
left join placed_touches as t on t.touchpoint_id = l.touchpoint_id
where l.credit <> 0 or l.value_micros <> 0
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
