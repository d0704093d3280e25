-- reads: attribution_links, conversions, touchpoints, evidence_channels, placed_touches, conversion_accounts
-- includes: first_conversions
-- grain: one entity of one grain under one model, or what no touch led to
-- Of what each entity earned in the window, the part of touches that somebody surely paid for, that of ambiguous ones, and that of
-- new customers.
-- An entity influenced the conversions on whose paths it is, each whole, so that these do not add up.
with booked as (
  select
    case when l.touchpoint_id = '' then 1 else 0 end as is_unattributed,
    coalesce(p.platform, '') as platform,
    case when $grain in ('CAMPAIGN', 'ADSET', 'AD') then coalesce(p.campaign_id, '') else '' end as campaign_id,
    case when $grain in ('ADSET', 'AD') then coalesce(p.adset_id, '') else '' end as adset_id,
    case when $grain = 'AD' then coalesce(p.ad_id, '') else '' end as ad_id,
    l.model as model,
    l.conversion_id as conversion_id,
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
),
reached as (
  select distinct platform, campaign_id, adset_id, ad_id, conversion_id, conversion_value_micros
  from booked
  where model = 'LAST_TOUCH' and touches = 1
),
influenced as (
  select
    platform, campaign_id, adset_id, ad_id,
    count(*) as influenced, total(conversion_value_micros) as influenced_value_micros
  from reached
  group by platform, campaign_id, adset_id, ad_id
),
added as (
  select
    is_unattributed, platform, campaign_id, adset_id, ad_id, model,
    cast(sum(credit * is_new) as bigint) as new_credit,
    total(value_micros * is_new) as new_value_micros,
    cast(sum(case when is_paid then credit else 0 end) as bigint) as paid_credit,
    total(case when is_paid then value_micros else 0 end) as paid_value_micros,
    cast(sum(case when is_ambiguous then credit else 0 end) as bigint) as ambiguous_credit,
    total(case when is_ambiguous then value_micros else 0 end) as ambiguous_value_micros,
    cast(sum(touches) as bigint) as touches,
    cast(sum(case when is_ambiguous then 1 else 0 end) as bigint) as ambiguous_touches
  from booked
  group by is_unattributed, platform, campaign_id, adset_id, ad_id, model
)
select
  a.is_unattributed as is_unattributed,
  a.platform as platform, a.campaign_id as campaign_id, a.adset_id as adset_id, a.ad_id as ad_id, a.model as model,
  a.new_credit as new_credit, a.new_value_micros as new_value_micros,
  a.paid_credit as paid_credit, a.paid_value_micros as paid_value_micros, a.ambiguous_credit as ambiguous_credit,
  a.ambiguous_value_micros as ambiguous_value_micros, a.touches as touches,
  a.ambiguous_touches as ambiguous_touches, i.influenced as influenced,
  i.influenced_value_micros as influenced_value_micros
from added as a
left join influenced as i on i.platform = a.platform and i.campaign_id = a.campaign_id and i.adset_id = a.adset_id
  and i.ad_id = a.ad_id and a.is_unattributed = 0
