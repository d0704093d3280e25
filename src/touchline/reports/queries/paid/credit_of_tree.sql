-- reads: attribution_links, conversions, touchpoints, evidence_channels, placed_touches, conversion_accounts
-- grain: one channel, or one campaign, ad set or ad of a channel, or what no touch led to
-- What the touches of the window earned under one model below a place of the tree, and the part of touches that somebody surely
-- paid for.
with booked as (
  select
    case when l.touchpoint_id = '' then 1 else 0 end as is_unattributed,
    coalesce(l.channel, '') as channel,
    case when $grain <> 'CHANNEL' then coalesce(p.platform, '') else '' end as platform,
    case when $grain <> 'CHANNEL' then coalesce(p.campaign_id, '') else '' end as campaign_id,
    case when $grain in ('ADSET', 'AD') then coalesce(p.adset_id, '') else '' end as adset_id,
    case when $grain = 'AD' then coalesce(p.ad_id, '') else '' end as ad_id,
    l.credit as credit,
    l.value_micros as value_micros,
    coalesce(e.is_paid, false) as is_paid
  from attribution_links as l
  join conversions as c on c.conversion_id = l.conversion_id
  left join touchpoints as t on t.touchpoint_id = l.touchpoint_id
  left join evidence_channels as e on e.evidence_id = t.evidence_id
  left join placed_touches as p on p.touchpoint_id = l.touchpoint_id
  where l.organization_id = $organization_id and l.model = $model and c.currency = $currency
    and ($goal = '' or c.goal = $goal) and ($site_id = '' or c.site_id = $site_id)
    and ($account_id = '' or c.conversion_id in (
      select conversion_id from conversion_accounts
      where organization_id = $organization_id and account_id = $account_id
    ))
    and ($basis = 'TOUCH' or (c.conversion_date >= $start and c.conversion_date <= $end))
    and case when $basis = 'TOUCH' then coalesce(t.touch_date, c.conversion_date) else c.conversion_date end >= $start
    and case when $basis = 'TOUCH' then coalesce(t.touch_date, c.conversion_date) else c.conversion_date end <= $end
)
select
  is_unattributed, channel, platform, campaign_id, adset_id, ad_id,
  cast(sum(credit) as bigint) as credit,
  total(value_micros) as value_micros,
  cast(sum(case when is_paid then credit else 0 end) as bigint) as paid_credit,
  total(case when is_paid then value_micros else 0 end) as paid_value_micros
from booked
where ($depth < 1 or (channel = $channel and is_unattributed = $is_unattributed))
  and ($depth < 2 or (platform = $platform and campaign_id = $campaign_id))
  and ($depth < 3 or adset_id = $adset_id)
group by is_unattributed, channel, platform, campaign_id, adset_id, ad_id
