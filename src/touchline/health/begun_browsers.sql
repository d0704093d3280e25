-- writes: begun_browsers
-- reads: identities, sites
-- grain: one browser of one person in one period
-- On which day a browser began to be somebody's, and whether it was somebody else's before.
with browsers as (
  select
    organization_id, person_id, period_number, first_seen_at,
    substr(identifier, 3, strpos(substr(identifier, 3), ':') - 1) as site_id
  from identities
  where identifier like 'v:%'
)
select
  b.organization_id as organization_id,
  b.site_id as site_id,
  b.person_id as person_id,
  local_date(b.first_seen_at, s.time_zone) as period,
  case when b.period_number > 0 then 1 else 0 end as is_passed_on
from browsers as b
join sites as s on s.organization_id = b.organization_id and s.site_id = b.site_id
