-- reads: daily_rollups
-- includes: entities_of_one_site
-- grain: one platform, campaign, ad set or ad whose costs are all of the site
-- What is judged for one of several sites: all its costs of the window are mapped to the site, or are of that site alone.
select r.platform as platform, r.campaign_id as campaign_id, r.adset_id as adset_id, r.ad_id as ad_id
from daily_rollups as r
left join entities_of_one_site as e on e.platform = r.platform and e.campaign_id = r.campaign_id
  and e.adset_id = r.adset_id and e.ad_id = r.ad_id
where r.organization_id = $organization_id and r.basis = 'CONVERSION' and r.grain = $grain and r.model = ''
  and r.currency = $currency and r.rollup_date >= $start and r.rollup_date <= $end
group by r.platform, r.campaign_id, r.adset_id, r.ad_id
having min(coalesce(nullif(r.site_id, ''), e.site_id, '')) = $site_id
  and max(coalesce(nullif(r.site_id, ''), e.site_id, '')) = $site_id
