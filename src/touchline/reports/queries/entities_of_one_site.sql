-- reads: touchpoints, placed_touches, daily_rollups
-- grain: one platform, campaign, ad set or ad that is of one site alone
-- All its visits, ever, landed on that site, and all conversions that a model gives it credit for are that site's.
-- None where no site is asked about.
with seen as (
  select
    t.site_id as site_id,
    p.platform as platform,
    case when $grain in ('CAMPAIGN', 'ADSET', 'AD') then p.campaign_id else '' end as campaign_id,
    case when $grain in ('ADSET', 'AD') then p.adset_id else '' end as adset_id,
    case when $grain = 'AD' then p.ad_id else '' end as ad_id
  from placed_touches as p
  join touchpoints as t on t.touchpoint_id = p.touchpoint_id
  union all
  select site_id, platform, campaign_id, adset_id, ad_id
  from daily_rollups
  where organization_id = $organization_id and basis = 'CONVERSION' and grain = $grain and model <> ''
    and $site_id <> ''
)
select platform, campaign_id, adset_id, ad_id, min(site_id) as site_id
from seen
where platform <> ''
group by platform, campaign_id, adset_id, ad_id
having min(site_id) = max(site_id)
