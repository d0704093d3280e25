-- reads: campaigns
-- grain: one campaign, ad set or ad
-- What campaigns, and the ad sets and ads of one campaign, are called.
select grain, platform, campaign_id, adset_id, ad_id, name
from campaigns
where organization_id = $organization_id and (grain = 'CAMPAIGN' or (platform = $platform and campaign_id = $campaign_id))
