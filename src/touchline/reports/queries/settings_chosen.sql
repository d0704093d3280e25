-- reads: organizations
-- grain: one organization
-- What an organization chose.
select
  organization_id, name, currency, direct, default_model, primary_goal, lookback_days, waste_window_days,
  touches_per_path, crowded_touches, crowded_conversions, clock_tolerance_seconds
from organizations
where organization_id = $organization_id
