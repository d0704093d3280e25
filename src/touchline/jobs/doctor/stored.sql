-- reads: tracking_events, cost_rows
-- grain: one site, or one load of costs
-- How much of the ledger the engine has taken over.
select 'events of ' || site_id as what, count(*) as how_many
from tracking_events
where organization_id = $organization_id
group by site_id
union all
select 'cost load ' || cast(load_number as varchar) as what, count(*) as how_many
from cost_rows
where organization_id = $organization_id
group by load_number
