-- writes: identifiers_of_closed
-- reads: identifiers_of_ends, scope_closed
-- grain: one identifier of the closed set
-- The properties of the identifiers whose components are solved in this run.
select
  i.organization_id as organization_id, i.identifier as identifier, i.first_seen_at as first_seen_at,
  i.unverified_users as unverified_users, i.unverified_emails as unverified_emails,
  i.unverified_visitors as unverified_visitors, i.verified_users as verified_users,
  i.verified_emails as verified_emails, i.verified_visitors as verified_visitors, i.crowded_by as crowded_by
from identifiers_of_ends as i
join scope_closed as c on c.organization_id = i.organization_id and c.identifier = i.identifier
