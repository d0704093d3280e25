-- writes: campaign_keys
-- reads: campaign_names, campaign_aliases
-- grain: one text by which links name a campaign of one platform
-- A campaign is known by its id, else by any name that it ever had and no other campaign of the platform has had, else by
-- an alias; all in small letters.
select
  organization_id, platform, match_key,
  coalesce(
    min(case when kind = 'id' then campaign_id end),
    case when count(distinct case when kind = 'name' then campaign_id end) = 1
      then min(case when kind = 'name' then campaign_id end) end,
    min(case when kind = 'alias' then campaign_id end)
  ) as campaign_id
from (
  select organization_id, platform, match_key, case when is_id then 'id' else 'name' end as kind, campaign_id
  from campaign_names where grain = 'CAMPAIGN'
  union all
  select organization_id, platform, lower(alias) as match_key, 'alias' as kind, campaign_id
  from campaign_aliases
) as keys
group by organization_id, platform, match_key
having count(distinct case when kind = 'name' then campaign_id end) = 1 or max(case when kind = 'name' then 0 else 1 end) = 1
