-- reads: attribution_links, conversions, organizations, touchpoints, placed_touches, evidence_channels, campaigns
-- grain: one eligible touch of one conversion under one model, with or without credit, in any currency; or one conversion without such a touch under one model
-- Under every model, the credit of a conversion adds up to one conversion and to its value.
select
  l.organization_id as organization_id,
  c.site_id as site_id,
  l.conversion_id as conversion_id,
  nullif(l.touchpoint_id, '') as touch_id,
  l.person_id as person_id,
  l.model as model,
  l.model = o.default_model as is_default_model,
  c.goal as goal,
  o.primary_goal in ('', c.goal) as is_primary_goal,
  c.signal_type as signal_type,
  c.conversion_date as conversion_date,
  coalesce(t.touch_date, c.conversion_date) as touch_date,
  coalesce(nullif(l.channel, ''), '(unattributed)') as channel,
  coalesce(e.source_class, '(unattributed)') as source_class,
  nullif(p.platform, '') as platform,
  nullif(p.campaign_id, '') as campaign_id,
  coalesce(n.name, nullif(p.campaign_id, '')) as campaign,
  nullif(p.adset_id, '') as adset_id,
  nullif(p.ad_id, '') as ad_id,
  nullif(l.position, 0) as position,
  l.touchpoint_count as touch_count,
  l.credit as credit,
  l.weight as weight,
  cast(l.credit as double) / 1e9 as conversions,
  c.currency as currency,
  c.currency = o.currency as is_own_currency,
  l.value_micros as value_micros,
  cast(l.value_micros as double) / 1e6 as value
from attribution_links as l
join conversions as c on c.conversion_id = l.conversion_id
join organizations as o on o.organization_id = l.organization_id
left join touchpoints as t on t.touchpoint_id = l.touchpoint_id
left join placed_touches as p on p.touchpoint_id = l.touchpoint_id
left join evidence_channels as e on e.evidence_id = t.evidence_id
left join campaigns as n on n.organization_id = l.organization_id and n.grain = 'CAMPAIGN' and n.platform = p.platform
  and n.campaign_id = p.campaign_id
