-- writes: scope_members
-- reads: members_of_accounts, scope_persons
-- grain: one person
-- The members of these accounts of whom nothing changed: whether others are believed to be members depends on them.
select person_id from members_of_accounts
except
select person_id from scope_persons
