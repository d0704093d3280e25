-- writes: waste_findings
-- reads: health_signals, health_volumes
-- grain: one day of one organization
-- The days on which sources were lost at the sites with most of its events: fewer conversions have a source, or more visits none, than usual.
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
)
select organization_id, period
from shares
where there * 2 >= everywhere and there > 0
order by organization_id, period
