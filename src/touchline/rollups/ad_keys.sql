-- writes: ad_keys
-- reads: campaign_names
-- grain: one text by which links name an ad of one campaign
-- An ad is known by its id, else by any name that it ever had, in small letters, unless two ads of the campaign are.
select
  organization_id, platform, campaign_id, match_key,
  coalesce(min(case when is_id then ad_id end), min(ad_id)) as ad_id,
  coalesce(min(case when is_id then adset_id end), min(adset_id)) as adset_id
from campaign_names
where grain = 'AD'
group by organization_id, platform, campaign_id, match_key
having count(distinct case when is_id then ad_id end) = 1
  or (max(case when is_id then 1 else 0 end) = 0 and count(distinct ad_id) = 1)
