-- writes: scope_crossed
-- reads: identifiers_before, identifiers_of_touched
-- grain: one touched identifier that passed a limit, or returned within it
-- The limit decides whether their pairs join, so all of their pairs may change.
with crowded as (
  select organization_id, identifier, crowded_by from identifiers_of_touched where crowded_by <> ''
),
crowded_before as (
  select organization_id, identifier, crowded_by from identifiers_before where crowded_by <> ''
),
crossed as (
  (select * from crowded except select * from crowded_before)
  union
  (select * from crowded_before except select * from crowded)
)
select distinct organization_id, identifier
from crossed
