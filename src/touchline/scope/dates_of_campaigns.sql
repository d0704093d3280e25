-- writes: scope_dates
-- reads: campaigns, campaigns_before, daily_rollups
-- grain: one day of one organization
-- All days of an organization whose campaigns have other ids or names than before: a new name may match old touches.
with known as (
  select organization_id, grain, platform, campaign_id, adset_id, ad_id, name
  from campaigns
),
known_before as (
  select organization_id, grain, platform, campaign_id, adset_id, ad_id, name
  from campaigns_before
),
changed as (
  (select * from known except select * from known_before)
  union
  (select * from known_before except select * from known)
)
select distinct r.organization_id as organization_id, r.rollup_date as rollup_date
from daily_rollups as r
join (select distinct organization_id from changed) as c on c.organization_id = r.organization_id
