-- reads:
-- includes: journey_steps
-- grain: one first channel, what lies between, and one last channel
-- How many conversions came so; what lies between is empty where nothing does, and "(several)" where several steps do.
with sized as (
  select conversion_id, step, channel, max(step) over (partition by conversion_id) as path_steps
  from journey_steps
),
ends as (
  select
    conversion_id,
    max(path_steps) as steps,
    max(case when step = 1 then channel else '' end) as first_step,
    max(case when step = 2 then channel else '' end) as second_step,
    max(case when step = path_steps then channel else '' end) as last_step
  from sized
  group by conversion_id
),
ways as (
  select
    first_step as first_channel,
    case when steps <= 2 then '' when steps = 3 then second_step else '(several)' end as between_channel,
    case when steps = 1 then '' else last_step end as last_channel
  from ends
)
select first_channel, between_channel, last_channel, count(*) as conversions
from ways
group by first_channel, between_channel, last_channel
order by conversions desc, first_channel, between_channel, last_channel
