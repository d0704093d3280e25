-- named: Campaign
-- includes: campaign
-- One campaign that cost money, by the id that "DailyRollup" uses.
select
  organization_id as organizationId,
  id,
  platform_code as platformCode,
  external_id as externalId,
  name,
  first_date as firstDate,
  last_date as lastDate,
  organization_id
from campaign
