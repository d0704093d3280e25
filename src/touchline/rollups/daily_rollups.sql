-- writes: daily_rollups
-- reads: attribution_links, conversions, touchpoints, evidence_channels, campaigns, ad_costs
-- grain: one day, basis, grain, entity, goal, currency and model; costs have neither goal nor model
-- Groups are what cost money together with what earned credit; a link's campaign is matched by its id, else by its name.
with campaign_keys as (
  select
    organization_id, platform, match_key,
    coalesce(min(case when is_id = 1 then campaign_id end), min(campaign_id)) as campaign_id
  from (
    select organization_id, platform, lower(campaign_id) as match_key, 1 as is_id, campaign_id
    from campaigns where grain = 'CAMPAIGN'
    union all
    select organization_id, platform, lower(name) as match_key, 0 as is_id, campaign_id
    from campaigns where grain = 'CAMPAIGN'
  ) as keys
  group by organization_id, platform, match_key
),
adset_keys as (
  select
    organization_id, platform, campaign_id, match_key,
    coalesce(min(case when is_id = 1 then adset_id end), min(adset_id)) as adset_id
  from (
    select organization_id, platform, campaign_id, lower(adset_id) as match_key, 1 as is_id, adset_id
    from campaigns where grain = 'ADSET'
    union all
    select organization_id, platform, campaign_id, lower(name) as match_key, 0 as is_id, adset_id
    from campaigns where grain = 'ADSET'
  ) as keys
  group by organization_id, platform, campaign_id, match_key
),
ad_keys as (
  select
    organization_id, platform, campaign_id, match_key,
    coalesce(min(case when is_id = 1 then ad_id end), min(ad_id)) as ad_id,
    coalesce(min(case when is_id = 1 then adset_id end), min(adset_id)) as adset_id
  from (
    select organization_id, platform, campaign_id, lower(ad_id) as match_key, 1 as is_id, ad_id, adset_id
    from campaigns where grain = 'AD'
    union all
    select organization_id, platform, campaign_id, lower(name) as match_key, 0 as is_id, ad_id, adset_id
    from campaigns where grain = 'AD'
  ) as keys
  group by organization_id, platform, campaign_id, match_key
  having count(distinct case when is_id = 1 then ad_id end) = 1 or (max(is_id) = 0 and count(distinct ad_id) = 1)
),
linked_touches as (
  select
    t.organization_id as organization_id,
    t.touchpoint_id as touchpoint_id,
    t.touch_date as touch_date,
    e.platform as platform,
    coalesce(by_ref.campaign_id, by_name.campaign_id, t.campaign_ref, lower(t.utm_campaign), '') as campaign_id,
    t.utm_term as utm_term,
    t.utm_content as utm_content,
    t.adset_ref as adset_ref,
    t.ad_ref as ad_ref
  from touchpoints as t
  join (select distinct touchpoint_id from attribution_links) as l on l.touchpoint_id = t.touchpoint_id
  join evidence_channels as e on e.evidence_id = t.evidence_id
  left join campaign_keys as by_ref on by_ref.organization_id = t.organization_id and by_ref.platform = e.platform
    and by_ref.match_key = lower(t.campaign_ref)
  left join campaign_keys as by_name on by_name.organization_id = t.organization_id and by_name.platform = e.platform
    and by_name.match_key = lower(t.utm_campaign)
),
placed_touches as (
  select
    t.touchpoint_id as touchpoint_id,
    t.touch_date as touch_date,
    t.platform as platform,
    t.campaign_id as campaign_id,
    coalesce(s.adset_id, a.adset_id, '') as adset_id,
    coalesce(a.ad_id, '') as ad_id
  from linked_touches as t
  left join ad_keys as a on a.organization_id = t.organization_id and a.platform = t.platform
    and a.campaign_id = t.campaign_id and a.match_key = lower(coalesce(t.ad_ref, t.utm_content))
  left join adset_keys as s on s.organization_id = t.organization_id and s.platform = t.platform
    and s.campaign_id = t.campaign_id and s.match_key = lower(coalesce(t.adset_ref, t.utm_term))
),
credits as (
  select
    l.organization_id as organization_id,
    c.conversion_date as conversion_date,
    coalesce(t.touch_date, c.conversion_date) as touch_date,
    case when l.touchpoint_id = '' then 1 else 0 end as is_unattributed,
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
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
),
facts as (
  select
    organization_id, conversion_date as rollup_date, 'CONVERSION' as basis, is_unattributed, platform, campaign_id,
    adset_id, ad_id, goal, currency, model, 0 as impressions, 0 as clicks, 0 as spend_micros, credit, value_micros,
    source_count
  from credits
  union all
  select
    organization_id, touch_date as rollup_date, 'TOUCH' as basis, is_unattributed, platform, campaign_id,
    adset_id, ad_id, goal, currency, model, 0 as impressions, 0 as clicks, 0 as spend_micros, credit, value_micros,
    source_count
  from credits
  union all
  select
    a.organization_id as organization_id, a.cost_date as rollup_date, b.basis as basis, 0 as is_unattributed,
    a.platform as platform, a.campaign_id as campaign_id, a.adset_id as adset_id, a.ad_id as ad_id,
    '' as goal, a.currency as currency, '' as model, a.impressions as impressions, a.clicks as clicks,
    a.spend_micros as spend_micros, 0 as credit, 0 as value_micros, 1 as source_count
  from ad_costs as a
  cross join (select 'CONVERSION' as basis union all select 'TOUCH' as basis) as b
),
grains as (
  select 'ORGANIZATION' as grain, 1 as depth
  union all select 'PLATFORM' as grain, 2 as depth
  union all select 'CAMPAIGN' as grain, 3 as depth
  union all select 'ADSET' as grain, 4 as depth
  union all select 'AD' as grain, 5 as depth
),
expanded as (
  select
    f.organization_id as organization_id,
    f.rollup_date as rollup_date,
    f.basis as basis,
    g.grain as grain,
    g.depth as depth,
    case when g.depth >= 2 then f.is_unattributed else 0 end as is_unattributed,
    case when g.depth >= 2 then f.platform else '' end as platform,
    case when g.depth >= 3 then f.campaign_id else '' end as campaign_id,
    case when g.depth >= 4 then f.adset_id else '' end as adset_id,
    case when g.depth >= 5 then f.ad_id else '' end as ad_id,
    f.goal as goal,
    f.currency as currency,
    f.model as model,
    f.impressions as impressions,
    f.clicks as clicks,
    f.spend_micros as spend_micros,
    f.credit as credit,
    f.value_micros as value_micros,
    f.source_count as source_count
  from facts as f
  cross join grains as g
),
summed as (
  select
    organization_id, rollup_date, basis, grain, depth, is_unattributed, platform, campaign_id, adset_id, ad_id,
    goal, currency, model,
    total(impressions) as impressions,
    total(clicks) as clicks,
    total(spend_micros) as spend_micros,
    cast(sum(credit) as bigint) as credit,
    total(value_micros) as value_micros,
    cast(sum(source_count) as bigint) as source_count
  from expanded
  group by organization_id, rollup_date, basis, grain, depth, is_unattributed, platform, campaign_id, adset_id, ad_id,
    goal, currency, model
),
spelled as (
  select
    *,
    case campaign_id when '' then '(none)' when '(none)' then '%28none)'
      else replace(replace(campaign_id, '%', '%25'), '/', '%2F') end as campaign_spelled,
    case adset_id when '' then '(none)' when '(none)' then '%28none)'
      else replace(replace(adset_id, '%', '%25'), '/', '%2F') end as adset_spelled,
    case ad_id when '' then '(none)' when '(none)' then '%28none)'
      else replace(replace(ad_id, '%', '%25'), '/', '%2F') end as ad_spelled
  from summed
)
select
  organization_id, rollup_date, basis, grain,
  case
    when depth = 1 then organization_id
    when is_unattributed = 1 then '(unattributed)'
    else case when platform = '' then '(no ad platform)' else platform end
      || case when depth >= 3 then '/' || campaign_spelled else '' end
      || case when depth >= 4 then '/' || adset_spelled else '' end
      || case when depth >= 5 then '/' || ad_spelled else '' end
  end as entity_id,
  platform, campaign_id, adset_id, ad_id, goal, currency, model, credit, source_count, impressions, clicks,
  spend_micros, value_micros
from spelled
