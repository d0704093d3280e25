-- writes: scope_colleagues
-- reads: members_of_accounts, scope_persons
-- grain: one person
-- The members of these accounts of whom nothing changed: their touches are on the paths of the others.
select person_id from members_of_accounts
except
select person_id from scope_persons
