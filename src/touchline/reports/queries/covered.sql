-- reads: health_measures
-- grain: one measure
-- What each measure of coverage adds up to.
select
  measure, cast(sum(numerator) as bigint) as numerator, cast(sum(denominator) as bigint) as denominator
from health_measures
where organization_id = $organization_id
  and measure in ('behavioural_coverage', 'direct_only_rate', 'no_touch_rate')
group by measure
order by measure
