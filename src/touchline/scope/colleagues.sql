-- writes: scope_colleagues
-- reads: members_of_others, scope_accounts_recomputed
-- grain: one person
-- Those of them whose conversions may change, and whose touches are on the paths of the others.
select distinct m.person_id as person_id
from members_of_others as m
join scope_accounts_recomputed as s on s.organization_id = m.organization_id and s.account_id = m.account_id
