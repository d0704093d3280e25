-- reads: daily_rollups, campaigns
-- grain: one entity and day with costs and without any conversion of that day
-- The days that the simple rule calls waste whole: what each entity of the grain cost on days of no credit.
with days as (
  select
    r.organization_id as organization_id, r.grain as grain, r.entity_id as entity_id, r.platform as platform,
    r.campaign_id as campaign_id, r.adset_id as adset_id, r.ad_id as ad_id, r.rollup_date as rollup_date,
    bounded(total(r.spend_micros)) as spend_micros,
    cast(sum(r.credit) as bigint) as credit
  from daily_rollups as r
  where r.organization_id = $organization_id and r.basis = 'CONVERSION' and r.grain = $grain
    and r.currency = $currency and r.model in ('', $model)
    and (r.goal = '' or $goal = '' or r.goal = $goal)
    and r.rollup_date >= $start and r.rollup_date <= $end
  group by
    r.organization_id, r.grain, r.entity_id, r.platform, r.campaign_id, r.adset_id, r.ad_id, r.rollup_date
)
select
  d.entity_id as entity_id, d.platform as platform, d.campaign_id as campaign_id, d.adset_id as adset_id,
  d.ad_id as ad_id, d.rollup_date as day, d.spend_micros as spend_micros,
  case when n.name <> '' then n.name else d.entity_id end as name
from days as d
left join campaigns as n on n.organization_id = d.organization_id and n.grain = d.grain and n.platform = d.platform
  and n.campaign_id = d.campaign_id and n.adset_id = d.adset_id and n.ad_id = d.ad_id
where d.spend_micros > 0 and d.credit = 0
