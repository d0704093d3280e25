-- writes: health_measures
-- reads: seen_landings
-- grain: one measure of one site, channel, goal, platform and day
-- place: 18
-- says: Visits with a click id whose link names a campaign
-- numerator: landings with a click id whose link names a campaign
-- denominator: landings with a click id
-- worse: below
-- needs: a case
-- owner: marketing
-- slices: channel platform
-- since: 0.2
select
  organization_id, site_id, channel, '' as goal, platform, period, 'named_click_rate' as measure,
  cast(sum(has_campaign) as bigint) as numerator, count(*) as denominator
from seen_landings
where has_click_id = 1
group by organization_id, site_id, channel, platform, period
