-- writes: daily_rollups
-- reads: rollup_facts, grains
-- grain: one site, day, basis, grain, entity, goal, currency and model; costs have neither goal nor model, and a site where they are mapped to one
-- Groups are what cost money together with what earned credit. Costs by channel are in channel_spend.
with expanded as (
  select
    f.organization_id as organization_id,
    f.site_id as site_id,
    f.rollup_date as rollup_date,
    f.basis as basis,
    g.grain as grain,
    g.depth as depth,
    case when g.depth <> 1 then f.is_unattributed else 0 end as is_unattributed,
    case when g.depth = 0 then f.channel else '' end as channel,
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
  from rollup_facts as f
  join grains as g on g.depth > 0 or f.model <> ''
),
summed as (
  select
    organization_id, site_id, rollup_date, basis, grain, depth, is_unattributed, channel, platform, campaign_id,
    adset_id, ad_id, goal, currency, model,
    total(impressions) as impressions,
    total(clicks) as clicks,
    total(spend_micros) as spend_micros,
    cast(sum(credit) as bigint) as credit,
    total(value_micros) as value_micros,
    cast(sum(source_count) as bigint) as source_count
  from expanded
  group by organization_id, site_id, rollup_date, basis, grain, depth, is_unattributed, channel, platform, campaign_id,
    adset_id, ad_id, goal, currency, model
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
  organization_id, site_id, rollup_date, basis, grain,
  case
    when depth = 1 then organization_id
    when is_unattributed = 1 then '(unattributed)'
    when depth = 0 then channel
    else case when platform = '' then '(no ad platform)' else platform end
      || case when depth >= 3 then '/' || campaign_spelled else '' end
      || case when depth >= 4 then '/' || adset_spelled else '' end
      || case when depth >= 5 then '/' || ad_spelled else '' end
  end as entity_id,
  platform, campaign_id, adset_id, ad_id, goal, currency, model, credit, source_count, impressions, clicks,
  spend_micros, value_micros
from spelled
