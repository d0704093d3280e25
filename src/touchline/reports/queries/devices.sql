-- reads: sessions, agents, conversions, account_persons, conversion_accounts
-- grain: one number of devices, and the kinds among them
-- How many persons visited with each number of browsers or apps of these kinds, and what they did; five stands for five or more.
with visits as (
  select
    v.person_id as person_id, v.identifier as identifier,
    coalesce(v.device_type, a.device_type, '') as device_type
  from sessions as v
  left join agents as a on a.user_agent = v.user_agent
  where v.organization_id = $organization_id and v.identifier like 'v:%'
    and v.started_date >= $start and v.started_date <= $end and ($site_id = '' or v.site_id = $site_id)
    and ($account_id = '' or v.person_id in (
      select person_id from account_persons
      where organization_id = $organization_id and account_id = $account_id and is_believed
    ))
),
persons as (
  select
    person_id,
    count(distinct identifier) as devices,
    max(case when device_type = 'desktop' then 1 else 0 end) as desktop,
    max(case when device_type = 'mobile' then 1 else 0 end) as mobile,
    max(case when device_type = 'tablet' then 1 else 0 end) as tablet
  from visits
  group by person_id
),
bought as (
  select person_id, count(*) as conversions, total(value_micros) as value_micros
  from conversions
  where organization_id = $organization_id and is_counted and currency = $currency
    and ($goal = '' or goal = $goal) and ($site_id = '' or site_id = $site_id)
    and conversion_date >= $start and conversion_date <= $end
    and ($account_id = '' or conversion_id in (
      select conversion_id from conversion_accounts
      where organization_id = $organization_id and account_id = $account_id
    ))
  group by person_id
)
select
  case when p.devices < 5 then p.devices else 5 end as devices,
  p.desktop as desktop, p.mobile as mobile, p.tablet as tablet,
  count(*) as persons,
  cast(sum(coalesce(b.conversions, 0)) as bigint) as conversions,
  total(coalesce(b.value_micros, 0)) as value_micros
from persons as p
left join bought as b on b.person_id = p.person_id
group by 1, 2, 3, 4
order by 1, 2, 3, 4
