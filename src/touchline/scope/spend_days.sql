-- writes: scope_spend_days
-- reads: scope_cost_days, campaign_clicks_deltas
-- grain: one day of one ad platform
-- The days whose costs or clicks changed.
select organization_id, platform, cost_date
from scope_cost_days
union
select organization_id, platform, cost_date
from campaign_clicks_deltas
