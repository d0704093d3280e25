-- reads: attribution_links, conversions, touchpoints, evidence_channels, placed_touches, conversion_accounts
-- includes: first_conversions
-- grain: one link of a touch, or of no touch, to a conversion under one model
-- What the links of the window give to an entity of one grain, or to what no touch led to.
select
  case when l.touchpoint_id = '' then 1 else 0 end as is_unattributed,
  coalesce(p.platform, '') as platform,
  case when $grain in ('CAMPAIGN', 'ADSET', 'AD') then coalesce(p.campaign_id, '') else '' end as campaign_id,
  case when $grain in ('ADSET', 'AD') then coalesce(p.adset_id, '') else '' end as adset_id,
  case when $grain = 'AD' then coalesce(p.ad_id, '') else '' end as ad_id,
  l.model as model,
  l.conversion_id as conversion_id,
  l.person_id as person_id,
  c.value_micros as conversion_value_micros,
  l.credit as credit,
  l.value_micros as value_micros,
  case when l.touchpoint_id = '' then 0 else 1 end as touches,
  case when f.conversion_id is null then 0 else 1 end as is_new,
  coalesce(e.is_paid, false) as is_paid,
  e.evidence_id is not null and e.is_paid is null as is_ambiguous
from attribution_links as l
join conversions as c on c.conversion_id = l.conversion_id
left join first_conversions as f on f.conversion_id = c.conversion_id
left join touchpoints as t on t.touchpoint_id = l.touchpoint_id
left join evidence_channels as e on e.evidence_id = t.evidence_id
left join placed_touches as p on p.touchpoint_id = l.touchpoint_id
where l.organization_id = $organization_id and c.currency = $currency and ($goal = '' or c.goal = $goal)
  and ($site_id = '' or c.site_id = $site_id)
  and ($basis = 'TOUCH' or (c.conversion_date >= $start and c.conversion_date <= $end))
  and ($account_id = '' or c.conversion_id in (
    select conversion_id from conversion_accounts
    where organization_id = $organization_id and account_id = $account_id
  ))
  and case when $basis = 'TOUCH' then coalesce(t.touch_date, c.conversion_date) else c.conversion_date end >= $start
  and case when $basis = 'TOUCH' then coalesce(t.touch_date, c.conversion_date) else c.conversion_date end <= $end
