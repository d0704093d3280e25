-- reads: daily_rollups
-- includes: entities_of_one_site
-- grain: one organization
-- What the window's costs are of: one site (the one that they are mapped to, else the one that they are of alone), all
-- sites where none is asked about, or no one site.
select
  total(case when $site_id in ('', coalesce(nullif(r.site_id, ''), e.site_id)) then r.spend_micros else 0 end) as of_site,
  total(case when $site_id <> '' and r.site_id = '' and e.site_id is null then r.spend_micros else 0 end)
    as of_no_one_site,
  count(case when $site_id <> '' and r.site_id = '' and e.site_id is null then 1 end) as costs_of_no_one_site
from daily_rollups as r
left join entities_of_one_site as e on e.platform = r.platform and e.campaign_id = r.campaign_id
  and e.adset_id = r.adset_id and e.ad_id = r.ad_id
where r.organization_id = $organization_id and r.basis = 'CONVERSION' and r.grain = $grain and r.model = ''
  and r.currency = $currency and r.rollup_date >= $start and r.rollup_date <= $end
