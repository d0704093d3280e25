-- reads: sessions, sites
-- grain: one day of one site
-- How many visits began on each day, and how many of them before a time of the day, by the clock of the site.
with begun as (
  select
    s.started_date as period,
    micros(local_time(s.started_at, t.time_zone)) as local_micros
  from sessions as s
  join sites as t on t.site_id = s.site_id
  where s.organization_id = $organization_id and s.site_id = $site_id
    and s.started_date >= $start and s.started_date <= $end
)
select
  period,
  count(*) as visits,
  cast(sum(case when local_micros % 86400000000 < $until_micros then 1 else 0 end) as bigint) as visits_until
from begun
group by period
order by period
