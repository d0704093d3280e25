-- reads: identifiers
-- grain: one identifier past a limit of unverified pairs
-- The identifiers that unverified events tie to more names than may join, the largest first.
select
  identifier,
  unverified_users,
  unverified_emails,
  unverified_visitors,
  count(*) over () as how_many
from identifiers
where organization_id = $organization_id and crowded_by <> upper(crowded_by)
order by unverified_users + unverified_emails + unverified_visitors desc, identifier
limit 3
