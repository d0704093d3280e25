-- reads: identifiers
-- grain: one identifier that verified events or claims tie to more others than one person has
-- User ids of very many browsers, and browsers of very many users, the largest first: they join nobody by these pairs.
select
  identifier,
  verified_users as users,
  verified_emails as emails,
  verified_visitors as visitors,
  count(*) over () as how_many
from identifiers
where organization_id = $organization_id and crowded_by <> lower(crowded_by)
order by verified_users + verified_emails + verified_visitors desc, identifier
limit 3
