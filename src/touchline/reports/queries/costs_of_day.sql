-- reads: ad_costs
-- grain: one account of one ad platform
-- The last day for which costs are known, and the newest import with any of the named day.
select
  platform, account_id, max(cost_date) as newest_day, max(case when cost_date = $day then load_number end) as load_number
from ad_costs
where organization_id = $organization_id
group by platform, account_id
order by platform, account_id
