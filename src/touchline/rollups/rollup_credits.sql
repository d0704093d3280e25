-- writes: rollup_credits
-- reads: attribution_links, conversions, touchpoints, evidence_channels, campaigns
-- grain: one conversion day, touch day, ad, goal, currency and model
-- Credit by the ad of its touch; a link's campaign is matched by its id, else by its name.
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
)
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
