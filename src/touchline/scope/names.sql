-- writes: scope_names
-- reads: campaign_names, campaign_names_before
-- grain: one id or name of an organization's campaigns, ad sets and ads, in small letters
-- Ids and names that were added, removed, or reassigned: a touch that carries one may now belong to another campaign.
with changed as (
  (select * from campaign_names except select * from campaign_names_before)
  union
  (select * from campaign_names_before except select * from campaign_names)
)
select distinct organization_id, match_key as said
from changed
