-- writes: adset_keys
-- reads: campaigns
-- grain: one text by which links name an ad set of one campaign
-- An ad set is known by its id and by its name, in small letters; an id goes before a name.
select
  organization_id, platform, campaign_id, match_key,
  coalesce(min(case when is_id = 1 then adset_id end), min(adset_id)) as adset_id
from (
  select organization_id, platform, campaign_id, lower(adset_id) as match_key, 1 as is_id, adset_id
  from campaigns where grain = 'ADSET'
  union all
  select organization_id, platform, campaign_id, lower(name) as match_key, 0 as is_id, adset_id
  from campaigns where grain = 'ADSET'
) as keys
group by organization_id, platform, campaign_id, match_key
