-- writes: scope_health_sites
-- reads: health_measures_deltas, health_volumes_deltas, fits, fit_values, health_limits
-- grain: one site
-- Sites whose measures or volumes changed, or whose days are held against the limits of a fit, or were.
select organization_id, site_id
from health_measures_deltas
union
select organization_id, site_id
from health_volumes_deltas
union
select f.organization_id as organization_id, v.site_id as site_id
from fits as f
join fit_values as v on v.fit_id = f.fit_id
where f.kind = 'PROCESS_LIMITS'
union
select organization_id, site_id
from health_limits
where fit_id <> ''
