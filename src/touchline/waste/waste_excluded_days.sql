-- writes: waste_findings
-- reads: health_signals, health_volumes, daily_rollups, waste_windows
-- grain: one day of one organization
-- The days that findings leave out, of two kinds: those on which the sites with half of its events or more lost sources (fewer conversions have a source, or more visits have none, than usual),
-- and those with spend before its first event. Findings on all spend leave out the second kind alone.
with lost as (
  select distinct organization_id, site_id, period
  from health_signals
  where measure in ('behavioural_coverage', 'no_touch_rate', 'direct_landing_rate')
),
shares as (
  select
    v.organization_id as organization_id, v.period as period, cast(sum(v.volume) as bigint) as everywhere,
    cast(sum(case when l.period is not null then v.volume else 0 end) as bigint) as there
  from health_volumes as v
  left join lost as l on l.organization_id = v.organization_id and l.site_id = v.site_id and l.period = v.period
  where v.measure = 'events'
  group by v.organization_id, v.period
),
began as (
  select organization_id, min(period) as first_day
  from health_volumes
  where measure = 'events' and volume > 0
  group by organization_id
),
before_first as (
  select distinct r.organization_id as organization_id, r.rollup_date as period
  from daily_rollups as r
  join waste_windows as w on w.organization_id = r.organization_id
  join began as b on b.organization_id = r.organization_id
  where r.model = '' and r.spend_micros > 0 and r.rollup_date >= w.window_start and r.rollup_date < b.first_day
),
days as (
  select organization_id, period, false as is_before_first_event
  from shares
  where there * 2 >= everywhere and there > 0
  union all
  select organization_id, period, true as is_before_first_event
  from before_first
)
select organization_id, period, is_before_first_event
from days
order by organization_id, period, is_before_first_event
