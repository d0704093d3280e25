-- writes: health_measures
-- reads: touchpoints, evidence_channels
-- grain: one measure of one site on one day
-- place: 5
-- says: Visits with no evidence of a source (Direct)
-- worse: above
-- since: 0.1
select
  t.organization_id as organization_id, t.site_id as site_id, '' as channel, t.touch_date as period,
  'direct_landing_rate' as measure,
  cast(sum(case when e.channel = 'Direct' then 1 else 0 end) as bigint) as numerator, count(*) as denominator
from touchpoints as t
join evidence_channels as e on e.evidence_id = t.evidence_id
where t.is_landing
group by t.organization_id, t.site_id, t.touch_date
