-- reads: conversions, paths, conversion_accounts
-- includes: journey_steps
-- grain: one first channel, what lies between, and one last channel
-- How many conversions came so; what lies between is empty where nothing does, and "(several)" where several steps do.
with sized as (
  select conversion_id, step, channel, max(step) over (partition by conversion_id) as steps
  from journey_steps
),
ends as (
  select
    conversion_id,
    max(steps) as steps,
    max(case when step = 1 then channel else '' end) as first_channel,
    max(case when step = 2 then channel else '' end) as second_channel,
    max(case when step = steps then channel else '' end) as last_channel
  from sized
  group by conversion_id
)
select
  first_channel,
  case when steps <= 2 then '' when steps = 3 then second_channel else '(several)' end as between_channel,
  case when steps = 1 then '' else last_channel end as last_channel,
  count(*) as conversions
from ends
group by 1, 2, 3
order by conversions desc, first_channel, between_channel, last_channel
