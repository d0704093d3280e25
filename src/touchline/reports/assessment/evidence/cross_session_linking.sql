-- reads: sessions
-- grain: one session
-- says: Sessions of persons who had one before.
select count(*) as found
from sessions
where organization_id = $organization_id and started_because <> 'first_visit'
