-- reads: daily_rollups
-- grain: one day of one campaign, ad set or ad
-- says: Rollups by campaign, ad set and ad.
select count(*) as found
from daily_rollups
where organization_id = $organization_id and (grain = 'CAMPAIGN' or grain = 'ADSET' or grain = 'AD')
