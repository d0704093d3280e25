-- writes: waste_findings
-- reads: daily_rollups, organizations, targets, campaigns, campaign_keys, models, fits, fit_values, touchpoints, evidence_channels, campaign_clicks, ad_costs, waste_windows, sessions, conversions
-- grain: one entity that cost money in the window under one model
-- What each entity cost and earned over the window, and what a conversion of it may cost.
with costs as (
  select
    r.organization_id as organization_id, w.window_start as window_start, w.window_end as window_end,
    w.known_until as known_until, w.goal as goal, r.grain as grain, r.entity_id as entity_id, r.platform as platform,
    r.campaign_id as campaign_id, r.adset_id as adset_id, r.ad_id as ad_id, r.currency as currency,
    total(r.impressions) as impressions, total(r.clicks) as clicks, total(r.spend_micros) as spend_micros
  from daily_rollups as r
  join waste_windows as w on w.organization_id = r.organization_id
  where r.basis = 'CONVERSION'
    and r.model = ''
    and r.rollup_date >= w.window_start
    and r.rollup_date <= w.window_end
    and case w.grain when '' then r.grain <> 'ORGANIZATION' else r.grain = w.grain end
  group by
    r.organization_id, w.window_start, w.window_end, w.known_until, w.goal, r.grain, r.entity_id, r.platform, r.campaign_id,
    r.adset_id, r.ad_id, r.currency
),
entities as (
  select organization_id, grain, entity_id, currency
  from costs
  where spend_micros > 0
),
credits as (
  select
    r.organization_id as organization_id, r.grain as grain, r.entity_id as entity_id, r.currency as currency,
    r.model as model, sum(r.credit) as credit, total(r.value_micros) as value_micros
  from daily_rollups as r
  join waste_windows as w on w.organization_id = r.organization_id
  join entities as e on e.organization_id = r.organization_id and e.grain = r.grain and e.entity_id = r.entity_id
    and e.currency = r.currency
  where ((r.grain = 'ORGANIZATION' and r.basis = 'CONVERSION') or (r.grain <> 'ORGANIZATION' and r.basis = 'TOUCH'))
    and r.model <> ''
    and r.rollup_date >= w.window_start
    and r.rollup_date <= w.window_end
    and (r.goal = '' or w.goal = '' or r.goal = w.goal)
  group by r.organization_id, r.grain, r.entity_id, r.currency, r.model
),
landings as (
  select distinct
    t.organization_id as organization_id, e.platform as platform,
    lower(t.campaign_ref) as by_ref,
    lower(t.utm_campaign) as by_name,
    case when t.adset_ref is null and t.utm_term is null then 0 else 1 end as has_adset,
    case when t.ad_ref is null and t.utm_content is null then 0 else 1 end as has_ad,
    case when e.is_paid then 1 else 0 end as is_paid
  from touchpoints as t
  join waste_windows as w on w.organization_id = t.organization_id
  join evidence_channels as e on e.evidence_id = t.evidence_id
  where e.platform <> '' and t.touch_date >= w.window_start and t.touch_date <= w.window_end
),
tagged_platforms as (
  select distinct organization_id, platform
  from landings
),
tagged_campaigns as (
  select
    l.organization_id as organization_id, l.platform as platform,
    coalesce(r.campaign_id, n.campaign_id) as campaign_id,
    max(case when l.has_adset = 1 or l.has_ad = 1 then 1 else 0 end) as has_adset, max(l.has_ad) as has_ad
  from landings as l
  left join campaign_keys as r on r.organization_id = l.organization_id and r.platform = l.platform
    and r.match_key = l.by_ref
  left join campaign_keys as n on n.organization_id = l.organization_id and n.platform = l.platform
    and n.match_key = l.by_name
  where r.campaign_id is not null or n.campaign_id is not null
  group by l.organization_id, l.platform, coalesce(r.campaign_id, n.campaign_id)
),
paid_platforms as (
  select organization_id, platform
  from landings
  where is_paid = 1
  union
  select organization_id, platform
  from tagged_campaigns
),
arrived as (
  select
    k.organization_id as organization_id, g.grain as grain, k.platform as platform,
    case g.grain when 'CAMPAIGN' then k.campaign_id else '' end as campaign_id,
    cast(sum(k.click_count) as bigint) as visits
  from campaign_clicks as k
  join waste_windows as w on w.organization_id = k.organization_id
  cross join (select 'CAMPAIGN' as grain union all select 'PLATFORM' as grain) as g
  where k.cost_date >= w.window_start and k.cost_date <= w.window_end
  group by k.organization_id, g.grain, k.platform, case g.grain when 'CAMPAIGN' then k.campaign_id else '' end
),
paid_landings as (
  select
    t.organization_id as organization_id, e.platform as platform,
    coalesce(r.campaign_id, n.campaign_id, '') as campaign_id, t.person_id as person_id, t.occurred_at as occurred_at,
    case when micros_between(s.ended_at, s.started_at) >= 1000000 then 1 else 0 end as is_engaged,
    1 as is_landing
  from touchpoints as t
  join waste_windows as w on w.organization_id = t.organization_id
  join evidence_channels as e on e.evidence_id = t.evidence_id
  join sessions as s on s.session_id = t.session_id
  left join campaign_keys as r on r.organization_id = t.organization_id and r.platform = e.platform
    and r.match_key = lower(t.campaign_ref)
  left join campaign_keys as n on n.organization_id = t.organization_id and n.platform = e.platform
    and n.match_key = lower(t.utm_campaign)
  where t.is_landing and e.is_paid and e.platform <> ''
    and t.touch_date >= w.window_start and t.touch_date <= w.window_end
),
first_orders as (
  select
    c.organization_id as organization_id, '' as platform, '' as campaign_id, c.person_id as person_id,
    min(c.occurred_at) as occurred_at, 0 as is_engaged, 0 as is_landing
  from conversions as c
  join waste_windows as w on w.organization_id = c.organization_id
  where c.is_counted and (w.goal = '' or c.goal = w.goal)
  group by c.organization_id, c.person_id
),
-- A window, not a join: PostgreSQL takes the landings for few, and compared each of them with each customer.
with_first_orders as (
  select
    p.organization_id as organization_id, p.platform as platform, p.campaign_id as campaign_id, p.is_engaged as is_engaged,
    p.is_landing as is_landing, p.occurred_at as occurred_at,
    min(case when p.is_landing = 0 then p.occurred_at end) over (partition by p.person_id) as first_at
  from (select * from paid_landings union all select * from first_orders) as p
),
landed as (
  select
    p.organization_id as organization_id, g.grain as grain, p.platform as platform,
    case g.grain when 'CAMPAIGN' then p.campaign_id else '' end as campaign_id,
    count(*) as landings, cast(sum(p.is_engaged) as bigint) as engaged,
    cast(sum(case when p.first_at < p.occurred_at then 1 else 0 end) as bigint) as of_customers
  from with_first_orders as p
  cross join (select 'CAMPAIGN' as grain union all select 'PLATFORM' as grain) as g
  where p.is_landing = 1 and (g.grain = 'PLATFORM' or p.campaign_id <> '')
  group by p.organization_id, g.grain, p.platform, case g.grain when 'CAMPAIGN' then p.campaign_id else '' end
),
stated as (
  select
    a.organization_id as organization_id, a.platform as platform, a.campaign_id as campaign_id,
    a.currency as currency, a.spend_micros as spend_micros, count(*) as times
  from ad_costs as a
  join waste_windows as w on w.organization_id = a.organization_id
  where a.cost_date >= w.window_start and a.cost_date <= w.window_end and a.spend_micros > 0
    and a.campaign_id <> '' and a.clicks > 0
  group by
    a.organization_id, a.platform, a.campaign_id, a.adset_id, a.ad_id, a.cost_date, a.currency, a.spend_micros,
    a.impressions, a.clicks
  having count(*) > 1
),
repeated as (
  select organization_id, platform, campaign_id, currency, total(spend_micros * (times - 1)) as spend_micros
  from stated
  group by organization_id, platform, campaign_id, currency
),
benchmarks as (
  select w.organization_id as organization_id, f.fit_id as fit_id, v.name as name, v.value as usual_cpa
  from waste_windows as w
  join fits as f on f.organization_id = w.organization_id
  join fit_values as v on v.fit_id = f.fit_id and v.statistic = 'usual_cpa_micros'
  where f.kind = 'USUAL_CPA' and w.window_end >= f.serves_from and w.window_end <= f.serves_until
)
select
  c.organization_id as organization_id,
  c.window_start as window_start,
  c.window_end as window_end,
  c.known_until as known_until,
  c.goal as goal,
  m.model as model,
  c.grain as grain,
  c.entity_id as entity_id,
  c.platform as platform,
  c.campaign_id as campaign_id,
  c.adset_id as adset_id,
  c.ad_id as ad_id,
  coalesce(n.name, c.entity_id) as name,
  coalesce(nc.name, c.campaign_id) as campaign_name,
  coalesce(ns.name, c.adset_id) as adset_name,
  c.currency as currency,
  bounded(c.impressions) as impressions,
  bounded(c.clicks) as clicks,
  bounded(c.spend_micros) as spend_micros,
  cast(coalesce(k.credit, 0) as bigint) as credit,
  coalesce(bounded(k.value_micros), 0) as value_micros,
  case
    when c.currency = o.currency then coalesce(tc.target_cpa_micros, tp.target_cpa_micros, t.target_cpa_micros)
  end as target_cpa_micros,
  coalesce(tc.target_roas, tp.target_roas, t.target_roas) as target_roas,
  coalesce(b.fit_id, '') as fit_id,
  cast(b.usual_cpa as bigint) as usual_cpa_micros,
  case
    when c.grain = 'ORGANIZATION' then 1
    when c.grain = 'PLATFORM' then case when gp.platform is null then 0 else 1 end
    when gc.campaign_id is null then 0
    when c.grain = 'ADSET' and c.adset_id <> '' then gc.has_adset
    when c.grain = 'AD' and c.ad_id <> '' then gc.has_ad
    else 1
  end as is_tagged,
  case when c.grain = 'PLATFORM' and gp.platform is not null and pp.platform is null then 1 else 0 end as is_ambiguous,
  coalesce(v.visits, 0) as visits,
  case when c.grain = 'CAMPAIGN' then coalesce(bounded(x.spend_micros), 0) else 0 end as repeated_micros,
  coalesce(q.landings, 0) as landings,
  coalesce(q.engaged, 0) as engaged,
  coalesce(q.of_customers, 0) as of_customers
from costs as c
join organizations as o on o.organization_id = c.organization_id
join models as m on m.organization_id = c.organization_id
left join credits as k on k.organization_id = c.organization_id and k.grain = c.grain and k.entity_id = c.entity_id
  and k.currency = c.currency and k.model = m.model
left join campaigns as n on n.organization_id = c.organization_id and n.grain = c.grain and n.platform = c.platform
  and n.campaign_id = c.campaign_id and n.adset_id = c.adset_id and n.ad_id = c.ad_id
left join campaigns as nc on nc.organization_id = c.organization_id and nc.grain = 'CAMPAIGN' and nc.platform = c.platform
  and nc.campaign_id = c.campaign_id
left join campaigns as ns on ns.organization_id = c.organization_id and ns.grain = 'ADSET' and ns.platform = c.platform
  and ns.campaign_id = c.campaign_id and ns.adset_id = c.adset_id
left join targets as tc on tc.organization_id = c.organization_id and tc.platform = c.platform
  and tc.campaign_id = c.campaign_id and tc.campaign_id <> ''
left join targets as tp on tp.organization_id = c.organization_id and tp.platform = c.platform and tp.campaign_id = ''
  and tp.platform <> ''
left join targets as t on t.organization_id = c.organization_id and t.platform = '' and t.campaign_id = ''
left join tagged_platforms as gp on gp.organization_id = c.organization_id and gp.platform = c.platform
left join paid_platforms as pp on pp.organization_id = c.organization_id and pp.platform = c.platform
left join tagged_campaigns as gc on gc.organization_id = c.organization_id and gc.platform = c.platform
  and gc.campaign_id = c.campaign_id
left join arrived as v on v.organization_id = c.organization_id and v.grain = c.grain and v.platform = c.platform
  and v.campaign_id = c.campaign_id
left join landed as q on q.organization_id = c.organization_id and q.grain = c.grain and q.platform = c.platform
  and q.campaign_id = c.campaign_id
left join repeated as x on x.organization_id = c.organization_id and x.platform = c.platform
  and x.campaign_id = c.campaign_id and x.currency = c.currency
left join benchmarks as b on b.organization_id = c.organization_id and b.name = m.model || '/' || c.currency
where c.spend_micros > 0
order by c.organization_id, c.grain, c.currency, m.model, c.entity_id
