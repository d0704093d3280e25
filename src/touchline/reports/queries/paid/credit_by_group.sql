-- includes: booked_by_entity
-- grain: one group of persons of one entity of one grain under one model
-- As the query of this name for other dimensions, for what costs are reported for.
with persons as (
  select distinct person_id
  from booked_by_entity
),
grouped as (
  select person_id, row_number() over (order by person_id) % 200 as part
  from persons
),
credited as (
  select
    is_unattributed, platform, campaign_id, adset_id, ad_id, model, person_id, conversion_id, sum(credit) as credit
  from booked_by_entity
  group by is_unattributed, platform, campaign_id, adset_id, ad_id, model, person_id, conversion_id
),
sized as (
  select is_unattributed, platform, campaign_id, adset_id, ad_id, sum(credit) as size
  from credited
  group by is_unattributed, platform, campaign_id, adset_id, ad_id
),
ranked as (
  select
    is_unattributed, platform, campaign_id, adset_id, ad_id,
    row_number() over (
      order by is_unattributed desc, size desc, platform, campaign_id, adset_id, ad_id
    ) as place
  from sized
  where size > 0
),
placed as (
  select
    case when place > $most_values then cast($most_values + 1 as bigint) else cast(place as bigint) end as place,
    case when place > $most_values then 1 else 0 end as is_rest,
    case when place > $most_values then '' else platform end as own_platform,
    case when place > $most_values then '' else campaign_id end as own_campaign_id,
    case when place > $most_values then '' else adset_id end as own_adset_id,
    case when place > $most_values then '' else ad_id end as own_ad_id,
    is_unattributed, platform, campaign_id, adset_id, ad_id
  from ranked
)
select
  p.place as place, p.is_rest as is_rest, p.is_unattributed as is_unattributed, p.own_platform as platform,
  p.own_campaign_id as campaign_id, p.own_adset_id as adset_id, p.own_ad_id as ad_id, c.model as model,
  cast(g.part as bigint) as part,
  cast(sum(c.credit) as bigint) as credit,
  cast(sum(case when c.credit > 0 then 1 else 0 end) as bigint) as conversions
from credited as c
join placed as p on p.is_unattributed = c.is_unattributed and p.platform = c.platform
  and p.campaign_id = c.campaign_id and p.adset_id = c.adset_id and p.ad_id = c.ad_id
join grouped as g on g.person_id = c.person_id
group by
  p.place, p.is_rest, p.is_unattributed, p.own_platform, p.own_campaign_id, p.own_adset_id, p.own_ad_id, c.model,
  g.part
