-- writes: health_measures
-- reads: seen_landings
-- grain: one measure of one site, channel, goal, platform and day
-- place: 17
-- says: Paid visits with the click id of their ad platform
-- numerator: paid landings of an ad platform with a click id
-- denominator: paid landings of an ad platform
-- worse: below
-- needs: a case
-- owner: engineering
-- slices: channel platform
-- since: 0.2
select
  organization_id, site_id, channel, '' as goal, platform, period, 'click_id_capture_rate' as measure,
  cast(sum(has_click_id) as bigint) as numerator, count(*) as denominator
from seen_landings
where is_paid = 1 and platform <> ''
group by organization_id, site_id, channel, platform, period
