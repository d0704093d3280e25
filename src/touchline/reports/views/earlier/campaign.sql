-- One campaign that cost money, by the id that daily_roll_up uses.
select
  organization_id || '/' || platform || '/' || campaign_id as id,
  organization_id,
  platform as platform_code,
  campaign_id as external_id,
  name,
  first_date,
  last_date
from campaigns
where grain = 'CAMPAIGN'
