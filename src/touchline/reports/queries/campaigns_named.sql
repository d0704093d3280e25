-- reads: campaign_names
-- grain: one name of one campaign
-- Every name that a campaign ever had, in small letters.
select platform, campaign_id, match_key
from campaign_names
where organization_id = $organization_id and grain = 'CAMPAIGN' and not is_id
order by platform, match_key, campaign_id
