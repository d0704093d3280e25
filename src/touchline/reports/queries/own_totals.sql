-- reads: attribution_links, conversions, fit_values, conversion_accounts
-- grain: one channel of one fit of one model
-- The removal effects of fitted models, and the credit of the touched conversions that they serve.
with served as (
  select l.model as model, l.fit_id as fit_id, cast(sum(l.credit) as bigint) as credit
  from attribution_links as l
  join conversions as c on c.conversion_id = l.conversion_id
  where l.organization_id = $organization_id and l.fit_id <> '' and l.touchpoint_id <> '' and c.currency = $currency
    and ($goal = '' or c.goal = $goal) and ($site_id = '' or c.site_id = $site_id)
    and ($account_id = '' or c.conversion_id in (
      select conversion_id from conversion_accounts
      where organization_id = $organization_id and account_id = $account_id
    ))
    and c.conversion_date >= $start and c.conversion_date <= $end
  group by l.model, l.fit_id
)
select s.model as model, s.fit_id as fit_id, v.name as channel, s.credit as credit, v.value as removal_effect
from served as s
join fit_values as v on v.fit_id = s.fit_id and v.statistic = 'removal_effect'
order by s.model, s.fit_id, v.name
