-- writes: conversion_accounts
-- reads: conversions, merged_accounts, account_persons
-- grain: one conversion by somebody who acts for an account
-- The account that the conversion names, where its person acts for that one; else the only one of the person.
with named as (
  select
    c.organization_id as organization_id, c.conversion_id as conversion_id, c.person_id as person_id,
    coalesce(m.main_account_id, c.account_id) as account_id
  from conversions as c
  left join merged_accounts as m on m.organization_id = c.organization_id and m.account_id = c.account_id
),
members as (
  select organization_id, person_id, account_id, is_believed
  from account_persons
),
only_ones as (
  select organization_id, person_id, account_id, is_believed
  from account_persons
  where is_only
)
select
  c.organization_id as organization_id,
  c.conversion_id as conversion_id,
  coalesce(n.account_id, o.account_id) as account_id
from named as c
left join members as n
  on n.organization_id = c.organization_id and n.person_id = c.person_id and n.account_id = c.account_id
left join only_ones as o on o.organization_id = c.organization_id and o.person_id = c.person_id
where coalesce(n.is_believed, o.is_believed)
