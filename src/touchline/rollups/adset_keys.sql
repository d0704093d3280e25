-- writes: adset_keys
-- reads: campaign_names
-- grain: one text by which links name an ad set of one campaign
-- An ad set is known by its id, else by any name that it ever had and no other ad set of the campaign has had, in small letters.
select
  organization_id, platform, campaign_id, match_key,
  coalesce(min(case when is_id then adset_id end), min(adset_id)) as adset_id
from campaign_names
where grain = 'ADSET'
group by organization_id, platform, campaign_id, match_key
having max(case when is_id then 1 else 0 end) = 1 or count(distinct adset_id) = 1
