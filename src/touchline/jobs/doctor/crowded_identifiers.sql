-- reads: identifiers
-- grain: one identifier past a limit of unverified pairs
-- The identifiers that unverified events tie to more names than may join, the largest first.
select
  organization_id,
  identifier,
  unverified_users,
  unverified_emails,
  unverified_visitors,
  count(*) over () as how_many
from identifiers
where crowded_by <> ''
order by unverified_users + unverified_emails + unverified_visitors desc, organization_id, identifier
limit 3
