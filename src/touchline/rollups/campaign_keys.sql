-- writes: campaign_keys
-- reads: campaigns
-- grain: one text by which links name a campaign of one platform
-- A campaign is known by its id and by its name, in small letters; an id goes before a name.
select
  organization_id, platform, match_key,
  coalesce(min(case when is_id = 1 then campaign_id end), min(campaign_id)) as campaign_id
from (
  select organization_id, platform, lower(campaign_id) as match_key, 1 as is_id, campaign_id
  from campaigns where grain = 'CAMPAIGN'
  union all
  select organization_id, platform, lower(name) as match_key, 0 as is_id, campaign_id
  from campaigns where grain = 'CAMPAIGN'
) as keys
group by organization_id, platform, match_key
