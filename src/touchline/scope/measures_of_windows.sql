-- writes: measures_of_windows
-- reads: scope_blocks, health_measures
-- grain: one part of one measure of one site on one day
-- What the limits of the changed blocks are made of: at most the 20 weeks before, and the eight weeks after.
with windows as (
  select organization_id, site_id, min(block_start) - 140 as first_day, max(block_start) + 83 as last_day
  from scope_blocks
  group by organization_id, site_id
)
select
  m.organization_id as organization_id, m.site_id as site_id, m.channel as channel, m.goal as goal,
  m.platform as platform, m.period as period, m.measure as measure, m.numerator as numerator,
  m.denominator as denominator
from health_measures as m
join windows as w on w.organization_id = m.organization_id and w.site_id = m.site_id
where m.period >= w.first_day and m.period <= w.last_day
