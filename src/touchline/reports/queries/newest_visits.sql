-- reads: sessions
-- grain: one site
-- When each site was last seen to be used.
select site_id, max(ended_at) as seen_at
from sessions
where organization_id = $organization_id
group by site_id
order by site_id
