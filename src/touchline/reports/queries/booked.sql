-- reads: attribution_links, conversions, touchpoints, evidence_channels, sessions, agents, conversion_accounts
-- includes: first_conversions
-- grain: one link of a touch, or of no touch, to a conversion under one model
-- What the links of the question give to a value of the dimension, by the day that it is booked to; an empty value means that the
-- touch shows nothing. Links of the basis TOUCH are of all days.
-- A new customer's conversion is the person's first of the goal; all others are of returning customers.
-- A paid touch is one that somebody surely paid for, an ambiguous one comes on paid and unpaid clicks alike.
select
  case when l.touchpoint_id = '' and $by not in ('site', 'account', 'customer', 'day') then 1 else 0 end as is_unattributed,
  coalesce(case $by
    when 'channel' then l.channel
    when 'source_class' then e.source_class
    when 'source' then coalesce(t.utm_source, t.referrer_host, t.app)
    when 'medium' then t.utm_medium
    when 'term' then t.utm_term
    when 'content' then t.utm_content
    when 'landing_page' then substr(
      t.landing_url, 1,
      case when strpos(t.landing_url, '?') > 0 then strpos(t.landing_url, '?') - 1
        when strpos(t.landing_url, '#') > 0 then strpos(t.landing_url, '#') - 1
        else length(t.landing_url) end
    )
    when 'app' then t.app
    when 'device' then coalesce(v.device_type, a.device_type)
    when 'city' then v.city
    when 'district' then v.district
    when 'site' then c.site_id
    when 'account' then o.account_id
    when 'customer' then case when f.conversion_id is null then 'returning' else 'new' end
    when 'day' then cast(
      case when $basis = 'TOUCH' then coalesce(t.touch_date, c.conversion_date) else c.conversion_date end as varchar
    )
  end, '') as value,
  l.model as model,
  l.conversion_id as conversion_id,
  l.person_id as person_id,
  c.value_micros as conversion_value_micros,
  case when l.touchpoint_id = '' then 0 else 1 end as touches,
  l.credit as credit,
  l.value_micros as value_micros,
  case when f.conversion_id is null then 0 else 1 end as is_new,
  coalesce(e.is_paid, false) as is_paid,
  e.evidence_id is not null and e.is_paid is null as is_ambiguous,
  case when $basis = 'TOUCH' then coalesce(t.touch_date, c.conversion_date) else c.conversion_date end as booked_date
from attribution_links as l
join conversions as c on c.conversion_id = l.conversion_id
left join first_conversions as f on f.conversion_id = c.conversion_id
left join touchpoints as t on t.touchpoint_id = l.touchpoint_id
left join evidence_channels as e on e.evidence_id = t.evidence_id
left join sessions as v on v.session_id = t.session_id and $by in ('device', 'city', 'district')
left join agents as a on a.user_agent = t.user_agent and $by = 'device'
left join conversion_accounts as o on o.conversion_id = c.conversion_id and $by = 'account'
where l.organization_id = $organization_id and c.currency = $currency and ($goal = '' or c.goal = $goal)
  and ($site_id = '' or c.site_id = $site_id)
  and ($basis = 'TOUCH' or (c.conversion_date >= $start and c.conversion_date <= $end))
  and ($account_id = '' or c.conversion_id in (
    select conversion_id from conversion_accounts
    where organization_id = $organization_id and account_id = $account_id
  ))
