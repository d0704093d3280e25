-- reads: fits, fit_values
-- grain: one measure of one site under one fit
-- The limits that were locked, and the days that they serve.
select
  f.fit_id as fit_id, f.serves_from as serves_from, f.serves_until as serves_until, v.site_id as site_id,
  v.name as measure,
  max(case when v.statistic = 'centre' then v.value end) as centre,
  max(case when v.statistic = 'lower_limit' then v.value end) as lower_limit,
  max(case when v.statistic = 'upper_limit' then v.value end) as upper_limit
from fits as f
join fit_values as v on v.fit_id = f.fit_id
where f.organization_id = $organization_id and f.kind = 'PROCESS_LIMITS'
group by f.fit_id, f.serves_from, f.serves_until, v.site_id, v.name
order by f.fit_id, v.site_id, v.name
