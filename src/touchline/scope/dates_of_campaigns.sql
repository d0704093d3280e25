-- writes: scope_dates
-- reads: campaigns, campaigns_before, daily_rollups
-- grain: one day of one organization
-- All days of an organization whose campaigns are not what they were: a new name may match old touches.
with changed as (
  (select * from campaigns except select * from campaigns_before)
  union
  (select * from campaigns_before except select * from campaigns)
)
select distinct r.organization_id as organization_id, r.rollup_date as rollup_date
from daily_rollups as r
join (select distinct organization_id from changed) as c on c.organization_id = r.organization_id
