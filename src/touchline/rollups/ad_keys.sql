-- writes: ad_keys
-- reads: campaigns
-- grain: one text by which links name an ad of one campaign
-- An ad is known by its id and by its name, in small letters, unless two ads of the campaign are.
select
  organization_id, platform, campaign_id, match_key,
  coalesce(min(case when is_id = 1 then ad_id end), min(ad_id)) as ad_id,
  coalesce(min(case when is_id = 1 then adset_id end), min(adset_id)) as adset_id
from (
  select organization_id, platform, campaign_id, lower(ad_id) as match_key, 1 as is_id, ad_id, adset_id
  from campaigns where grain = 'AD'
  union all
  select organization_id, platform, campaign_id, lower(name) as match_key, 0 as is_id, ad_id, adset_id
  from campaigns where grain = 'AD'
) as keys
group by organization_id, platform, campaign_id, match_key
having count(distinct case when is_id = 1 then ad_id end) = 1 or (max(is_id) = 0 and count(distinct ad_id) = 1)
