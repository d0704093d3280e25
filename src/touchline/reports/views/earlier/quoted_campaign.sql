-- named: Campaign
-- includes: campaign
-- One campaign that cost money, by the id that "DailyRollup" uses. DuckDB tells names apart without their case, so that this
-- view stands for campaign there, and has its columns, too.
select
  id,
  organization_id,
  platform_code,
  external_id,
  name,
  first_date,
  last_date,
  organization_id as organizationId,
  platform_code as platformCode,
  external_id as externalId,
  first_date as firstDate,
  last_date as lastDate
from campaign
