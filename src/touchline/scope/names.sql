-- writes: scope_names
-- reads: campaigns, campaigns_before
-- grain: one id or name of an organization's campaigns, ad sets and ads, in small letters
-- Ids and names that were added, removed, or reassigned: a touch that carries one may now belong to another campaign.
with known as (
  select organization_id, grain, platform, campaign_id, adset_id, ad_id, name
  from campaigns
),
known_before as (
  select organization_id, grain, platform, campaign_id, adset_id, ad_id, name
  from campaigns_before
),
changed as (
  (select * from known except select * from known_before)
  union
  (select * from known_before except select * from known)
)
select
  organization_id,
  lower(case grain when 'CAMPAIGN' then campaign_id when 'ADSET' then adset_id else ad_id end) as said
from changed
union
select organization_id, lower(name) as said
from changed
