-- reads: organizations, daily_rollups, waste_findings, targets, ad_costs, health_volumes
-- grain: one organization
-- What the search for waste had before it, and what it found in the organization's currency and in others.
with days as (
  select organization_id, max(rollup_date) as last_day
  from daily_rollups
  group by organization_id
),
began as (
  select organization_id, min(period) as first_day
  from health_volumes
  where measure = 'events' and volume > 0
  group by organization_id
),
costs as (
  select
    r.organization_id as organization_id,
    r.rollup_date as rollup_date,
    r.currency as currency,
    r.spend_micros as spend_micros,
    r.currency = o.currency as is_own,
    r.rollup_date > d.last_day - cast(o.waste_window_days as integer) as is_in_window,
    r.rollup_date >= coalesce(b.first_day, r.rollup_date) as is_recorded
  from daily_rollups as r
  join organizations as o on o.organization_id = r.organization_id
  join days as d on d.organization_id = r.organization_id
  left join began as b on b.organization_id = r.organization_id
  where r.basis = 'CONVERSION' and r.grain = 'ORGANIZATION' and r.model = '' and r.spend_micros > 0
),
spent as (
  select
    organization_id,
    max(rollup_date) as last_cost_day,
    total(case when is_in_window and is_own then spend_micros else 0 end) as own_micros,
    total(case when is_in_window and is_own and is_recorded then spend_micros else 0 end) as recorded_micros,
    total(case when is_in_window and not is_own then spend_micros else 0 end) as other_micros,
    min(case when is_in_window and not is_own then currency end) as other_currency
  from costs
  group by organization_id
),
found as (
  select
    w.organization_id as organization_id,
    cast(sum(case when w.model = o.default_model then 1 else 0 end) as bigint) as findings,
    min(case when w.model <> o.default_model then w.model end) as other_model
  from waste_findings as w
  join organizations as o on o.organization_id = w.organization_id and o.currency = w.currency
  where w.grain = 'CAMPAIGN' and w.reason <> 'insufficient_data'
  group by w.organization_id
),
aimed as (
  select
    t.organization_id as organization_id,
    count(*) as targets,
    sum(case when a.platform is not null then 1 else 0 end) as matched
  from targets as t
  left join (
    select organization_id, platform, campaign_id from ad_costs
    union
    select organization_id, platform, '' as campaign_id from ad_costs
    union
    select organization_id, '' as platform, '' as campaign_id from ad_costs
  ) as a on a.organization_id = t.organization_id and a.platform = t.platform and a.campaign_id = t.campaign_id
  group by t.organization_id
)
select
  o.organization_id as organization_id, o.currency as currency, o.default_model as default_model,
  o.waste_window_days as window_days, d.last_day as last_day, s.last_cost_day as last_cost_day,
  coalesce(s.own_micros, 0) as own_micros, coalesce(s.recorded_micros, 0) as recorded_micros,
  coalesce(s.other_micros, 0) as other_micros, b.first_day as first_day,
  s.other_currency as other_currency,
  coalesce(f.findings, 0) as findings, f.other_model as other_model,
  coalesce(a.targets, 0) as targets, cast(coalesce(a.matched, 0) as bigint) as matched
from organizations as o
left join days as d on d.organization_id = o.organization_id
left join began as b on b.organization_id = o.organization_id
left join spent as s on s.organization_id = o.organization_id
left join found as f on f.organization_id = o.organization_id
left join aimed as a on a.organization_id = o.organization_id
where o.organization_id = $organization_id
