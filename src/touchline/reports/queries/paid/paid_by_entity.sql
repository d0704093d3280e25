-- includes: booked_by_entity
-- grain: one entity of one grain under one model, or what no touch led to
-- Of what each entity earned in the window, the part of touches that somebody surely paid for, that of ambiguous ones, and that of
-- new customers.
-- An entity influenced the conversions on whose paths it is, each whole, so that these do not add up.
with reached as (
  select distinct platform, campaign_id, adset_id, ad_id, conversion_id, conversion_value_micros
  from booked_by_entity
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
  from booked_by_entity
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
