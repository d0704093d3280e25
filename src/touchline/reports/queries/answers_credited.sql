-- reads: conversions, attribution_links, conversion_accounts
-- grain: one answer, model and set of channels
-- What customers said, against the channels that each model credits: each channel is a bit of a number, by the codes that are given.
with credited as (
  select
    c.conversion_id as conversion_id,
    c.self_reported_source as answer,
    l.model as model,
    case when strpos($codes, '|' || l.channel || '=') > 0
      then cast(substr($codes, strpos($codes, '|' || l.channel || '=') + length(l.channel) + 2, 7) as bigint)
      else 0 end as code
  from conversions as c
  join attribution_links as l on l.conversion_id = c.conversion_id and l.credit > 0
  where c.organization_id = $organization_id and c.is_counted and c.self_reported_source is not null
    and c.currency = $currency and ($goal = '' or c.goal = $goal) and ($site_id = '' or c.site_id = $site_id)
    and ($account_id = '' or c.conversion_id in (
      select conversion_id from conversion_accounts
      where organization_id = $organization_id and account_id = $account_id
    ))
    and c.conversion_date >= $start and c.conversion_date <= $end
),
masked as (
  select conversion_id, answer, model, sum(distinct code) as channels
  from credited
  group by conversion_id, answer, model
)
select answer, model, cast(channels as bigint) as channels, count(*) as conversions
from masked
group by answer, model, channels
