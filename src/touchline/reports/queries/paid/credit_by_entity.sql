-- reads: attribution_links, conversions, placed_touches, conversion_accounts, daily_rollups, campaigns
-- grain: one entity of one grain under one model
-- What each entity earned of the conversions of one account in the window, named as in the rollups; no cost is of an account.
with booked as (
  select
    case when l.touchpoint_id = '' then 1 else 0 end as is_unattributed,
    coalesce(p.platform, '') as platform,
    case when $grain in ('CAMPAIGN', 'ADSET', 'AD') then coalesce(p.campaign_id, '') else '' end as campaign_id,
    case when $grain in ('ADSET', 'AD') then coalesce(p.adset_id, '') else '' end as adset_id,
    case when $grain = 'AD' then coalesce(p.ad_id, '') else '' end as ad_id,
    l.model as model,
    l.credit as credit,
    l.value_micros as value_micros,
    case when $basis = 'TOUCH' then coalesce(p.touch_date, c.conversion_date) else c.conversion_date end as booked_date
  from attribution_links as l
  join conversions as c on c.conversion_id = l.conversion_id
  join conversion_accounts as a on a.conversion_id = l.conversion_id
  left join placed_touches as p on p.touchpoint_id = l.touchpoint_id
  where l.organization_id = $organization_id and a.account_id = $account_id and c.currency = $currency
    and ($goal = '' or c.goal = $goal) and ($site_id = '' or c.site_id = $site_id)
    and (l.credit <> 0 or l.value_micros <> 0)
),
totals as (
  select
    is_unattributed, platform, campaign_id, adset_id, ad_id, model,
    cast(sum(credit) as bigint) as credit,
    total(value_micros) as value_micros
  from booked
  where booked_date >= $start and booked_date <= $end
  group by is_unattributed, platform, campaign_id, adset_id, ad_id, model
),
entities as (
  select distinct
    case when entity_id = '(unattributed)' then 1 else 0 end as is_unattributed, entity_id, platform, campaign_id,
    adset_id, ad_id
  from daily_rollups
  where organization_id = $organization_id and grain = $grain and model <> ''
)
select
  e.entity_id as entity_id, t.platform as platform, t.campaign_id as campaign_id, t.adset_id as adset_id,
  t.ad_id as ad_id, n.name as name, k.name as campaign_name, t.model as model, t.credit as credit,
  t.value_micros as value_micros
from totals as t
join entities as e on e.is_unattributed = t.is_unattributed and e.platform = t.platform
  and e.campaign_id = t.campaign_id and e.adset_id = t.adset_id and e.ad_id = t.ad_id
left join campaigns as n on n.organization_id = $organization_id and n.grain = $grain and n.platform = t.platform
  and n.campaign_id = t.campaign_id and n.adset_id = t.adset_id and n.ad_id = t.ad_id
left join campaigns as k on k.organization_id = $organization_id and k.grain = 'CAMPAIGN' and k.platform = t.platform
  and k.campaign_id = t.campaign_id
