-- reads: models
-- grain: one model
-- The models that the organization has.
select model
from models
where organization_id = $organization_id
