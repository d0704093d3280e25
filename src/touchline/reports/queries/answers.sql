-- reads: conversions, attribution_links
-- grain: one answer and channel
-- What customers said, against the channel of the last touch; an empty channel means that there was no touch.
select c.self_reported_source as answer, l.channel as channel, count(*) as conversions
from conversions as c
join attribution_links as l on l.conversion_id = c.conversion_id and l.model = 'LAST_TOUCH' and l.credit > 0
where c.organization_id = $organization_id and c.is_counted and c.self_reported_source is not null
  and c.conversion_date >= $start and c.conversion_date <= $end and ($site_id = '' or c.site_id = $site_id)
  and ($goal = '' or c.goal = $goal)
group by c.self_reported_source, l.channel
order by conversions desc, answer, channel
