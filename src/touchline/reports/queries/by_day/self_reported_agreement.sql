-- reads: conversions, attribution_links
-- grain: one site, goal, day, answer and channel
-- place: 37
-- says: Answers of customers that name the channel of the last touch
-- numerator: answers that name the channel of the last touch
-- denominator: answers
-- worse: below
-- judged: never, people remember what impressed them
-- owner: analytics
-- slices: goal
-- since: 0.2
select
  c.site_id as site_id, '' as channel, c.goal as goal, '' as platform, c.conversion_date as period,
  c.self_reported_source as answer, l.channel as credited, 0 as numerator, count(*) as denominator
from conversions as c
join attribution_links as l on l.conversion_id = c.conversion_id and l.model = 'LAST_TOUCH' and l.credit > 0
where c.organization_id = $organization_id and c.is_counted and c.self_reported_source is not null
group by c.site_id, c.goal, c.conversion_date, c.self_reported_source, l.channel
order by c.site_id, c.goal, c.conversion_date, c.self_reported_source, l.channel
