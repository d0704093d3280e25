-- reads: campaigns
-- grain: one campaign that cost money
-- Join it by organization_id, platform and campaign_id.
select
  organization_id,
  platform,
  campaign_id,
  name as campaign,
  first_date,
  last_date
from campaigns
where grain = 'CAMPAIGN'
