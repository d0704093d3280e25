-- includes: daily_roll_up
-- The same as daily_roll_up, by the name that results from writing DailyRollup in small letters.
select * from daily_roll_up
