-- reads: attribution_links, conversions, conversion_accounts
-- grain: one day and channel
-- What each channel has of an account's conversions of a day, conversions without a touch included.
select
  c.conversion_date as day, case when l.touchpoint_id = '' then '(unattributed)' else l.channel end as channel,
  cast(sum(l.credit) as bigint) as credit, total(l.value_micros) as value_micros
from attribution_links as l
join conversions as c on c.conversion_id = l.conversion_id
join conversion_accounts as a on a.conversion_id = l.conversion_id
where l.organization_id = $organization_id and l.model = $model and l.credit <> 0 and c.currency = $currency
  and a.account_id = $account_id and ($goal = '' or c.goal = $goal) and ($site_id = '' or c.site_id = $site_id)
  and c.conversion_date >= $start and c.conversion_date <= $end
group by 1, 2
order by 1, 2
